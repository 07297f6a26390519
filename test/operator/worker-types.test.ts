import { expect, test } from 'vitest'
import { phaseTypes } from '../../generators/project/phase-types.ts'
import { parseProject } from '../../src/project/parse-project.ts'
import { typeErrors } from '../support/type-errors.ts'

const { project } = parseProject(
  `kind: Canary
apiVersion: examples.io/v1
operatorName: canary-operator
enableFinalizer: true
phases:
- {name: Waiting, initial: true, inputs: [deployments], outputs: [trafficsplits], next: [Evaluating]}
- {name: Evaluating, inputs: [metrics], outputs: [trafficsplits], next: [Promoting]}
- {name: Promoting, inputs: [widgets], outputs: [deployments], next: [Finished]}
- {name: Finished, final: true}
customParameters:
- {lowerName: widgets, singleName: Widget, pluralName: Widgets, apiGroup: examples.io}
verbs:
- {name: promote, phases: [Evaluating]}
- {name: abort, phases: [Evaluating, Promoting]}
`,
  'autopilot.yaml',
)

const spec = `import { z } from 'zod'
export const spec = z.object({ service: z.string() })
export const status = z.object({ weight: z.int().optional() })
`

/** Mistakes in workers of the phase Evaluating, by the name of the value, and what the compiler has to say of each. */
const mistakes: Readonly<Record<string, readonly [worker: string, message: RegExp]>> = {
  input: [
    'sync({ inputs }) { inputs.deployments.list(); return {} }',
    /Property 'deployments' does not exist on type 'InputsOf<EvaluatingPhase>'/,
  ],
  output: ['sync() { return { outputs: { deployments: [] } } }', /UndeclaredOutput<EvaluatingPhase, "deployments">/],
  outputOfAPromise: [
    'async sync() { return { outputs: { deployments: [] } } }',
    /UndeclaredOutput<EvaluatingPhase, "deployments">/,
  ],
  outputWithAType: [
    'sync(): EvaluatingResult { return { outputs: { httproutegroups: [] } } }',
    /required in type 'UndeclaredOutput<EvaluatingPhase, "httproutegroups">'/,
  ],
  misspeltOutput: [
    'async sync(): Promise<EvaluatingResult> { return { outputs: { trafficsplits: [], trafficsplit: [] } } }',
    /'trafficsplit' does not exist in type 'OutputsOf<EvaluatingPhase>'/,
  ],
  next: ["sync() { return { next: 'Finished' } }", /ResultOf<EvaluatingPhase>[\s\S]*'"Finished"' is not assignable/],
  nextWithAType: [
    "sync(): EvaluatingResult { return { next: 'Finished' } }",
    /'"Finished"' is not assignable to type '"Evaluating" \| "Promoting"/,
  ],
  statusField: [
    'sync() { return { status: { wieght: 1 } } }',
    /no properties in common with type 'StatusOf<EvaluatingPhase>'/,
  ],
  verb: [
    "sync({ command }) { return command?.verb === 'retry' ? { next: 'Promoting' } : {} }",
    /AllowedIn<EvaluatingPhase>[^']*' and '"retry"' have no overlap/,
  ],
  misspeltStatusField: [
    'sync(): EvaluatingResult { return { status: { weight: 1, wieght: 1 } } }',
    /'wieght' does not exist in type 'StatusOf<EvaluatingPhase>'. Did you mean to write 'weight'\?/,
  ],
  statusFieldOfTheOperator: [
    "sync() { return { status: { phase: 'Promoting' } } }",
    /StatusFieldOfOperator<EvaluatingPhase, "phase">/,
  ],
}

const right = `
export const evaluating: EvaluatingWorker = {
  async sync({ resource, inputs }): Promise<EvaluatingResult> {
    const rate = await inputs.metrics.successRate({ workload: resource.spec.service, window: '1m' })
    if (rate.state !== 'ok') return { after: '10s', reason: rate.text, status: { weight: null } }
    return { next: 'Promoting', outputs: { trafficsplits: [] }, status: { weight: (resource.status?.weight ?? 0) + 1 } }
  },
}
function answer(command: NonNullable<Parameters<EvaluatingWorker['sync']>[0]['command']>): string {
  const { at, by = 'somebody', reason } = command
  switch (command.verb) {
    case 'promote':
      return by + at
    case 'abort':
      return reason ?? 'aborted'
    default:
      return command.verb satisfies never
  }
}
export const commanded: EvaluatingWorker = {
  sync({ command }) {
    return command === undefined ? {} : { next: 'Promoting', reason: answer(command) }
  },
}
export const promoting: PromotingWorker = {
  sync({ inputs }) {
    return { outputs: { deployments: inputs.widgets.list().map(({ metadata }) => ({ edit: { name: metadata.name, fields: {} } })) } }
  },
}
declare const waiting: OutputsOf<WaitingPhase>
export const passedOn: OutputsOf<EvaluatingPhase> = waiting
export const finalizer: CanaryFinalizer = { sync: () => ({ done: true, outputs: { trafficsplits: [] } }) }
`

const workers = `import type { OutputsOf } from 'mesh-autopilot'
import type {
  CanaryFinalizer, EvaluatingPhase, EvaluatingResult, EvaluatingWorker, PromotingWorker, WaitingPhase, WaitingWorker,
} from './generated/phases.ts'
`

test('what a phase does not declare does not compile, and the message names the phase; all else compiles', async () => {
  const surroundings = { library: 'mesh-autopilot', testing: 'mesh-autopilot/testing', typedKinds: [] }
  const generated = await phaseTypes(project, surroundings)
  const names = Object.keys(mistakes)
  const errors = await typeErrors({
    'src/spec.ts': spec,
    [generated.path]: generated.text,
    'src/right.ts': workers + right,
    'src/refusing.ts': `${workers}export const refusing: WaitingWorker = { sync: () => ({ refuses: 'no' }) }\n`,
    'src/silent.ts': `${workers}export const silent: WaitingWorker = { sync: ({ command }) => ({ reason: command?.verb ?? '' }) }\n`,
    ...Object.fromEntries(
      names.map((name) => [
        `src/${name}.ts`,
        `${workers}export const ${name}: EvaluatingWorker = { ${mistakes[name]?.[0]} }\n`,
      ]),
    ),
  })
  const of = (file: string) => errors.filter((error) => error.startsWith(`src/${file}.ts(`))
  expect(of('right')).toEqual([])
  expect(of('silent')).toEqual([
    expect.stringMatching(/Property 'verb' does not exist on type 'NoVerbAllowedIn<WaitingPhase>'/),
  ])
  for (const name of names) {
    expect(of(name), name).toHaveLength(1)
    expect(of(name)[0], name).toMatch(mistakes[name]?.[1] ?? /$^/)
    expect(of(name)[0], name).toContain('Evaluating')
  }
  expect(of('refusing')).toEqual([expect.stringMatching(/NoVerbAllowedIn<WaitingPhase>/)])
  expect(errors).toHaveLength(names.length + 2)
})

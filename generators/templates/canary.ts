import { fileName, valueName } from '../../src/project/code-names.ts'
import { exampleResourcePath } from '../project/example-resource.ts'
import { forUser } from '../project/project-file.ts'
import { resourceSchemaPath } from '../project/resource-schema.ts'
import type { ProjectIdentity, ProjectTemplate } from './template.ts'

/** Moves a service's traffic from one version to another step by step, and back when the new one fails. */
export const canary: ProjectTemplate = {
  name: 'canary',
  description: 'traffic moves to a new version step by step, and back when it fails',
  defaultKind: 'Canary',
  files: (identity) => [
    forUser('autopilot.yaml', workflow(identity)),
    forUser('src/spec.ts', spec),
    forUser('src/split.ts', split(identity)),
    forUser('src/workers/shifting.ts', shifting),
    forUser('src/workers/reverting.ts', reverting),
    forUser(exampleResourcePath(identity), example(identity)),
    forUser(`test/${fileName(identity.kind)}.test.ts`, test(identity)),
  ],
}

function workflow({ kind, group, version, operatorName }: ProjectIdentity): string {
  return `kind: ${kind}
apiVersion: ${group}/${version}
operatorName: ${operatorName}
phases:
  - name: Shifting
    description: The new version gets more of the traffic step by step
    initial: true
    inputs: [metrics]
    outputs: [trafficsplits]
    next: [Promoted, Reverting]
  - name: Reverting
    description: The traffic goes back to the old version
    outputs: [trafficsplits]
    next: [RolledBack]
  - name: Promoted
    description: The new version has all traffic
    final: true
  - name: RolledBack
    description: The old version has all traffic
    final: true
verbs:
  - name: promote
    description: The steps that are left are skipped
    phases: [Shifting]
  - name: abort
    description: The traffic goes back to the old version
    phases: [Shifting]
  - name: retry
    description: The new version is tried again
    phases: [RolledBack]
    next: Shifting
`
}

const spec = `import { k8s } from 'mesh-autopilot'
import { z } from 'zod'

const service = () => z.string().regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/)

/** What users write under \`spec\`. */
export const spec = z.object({
  service: service().describe('The Service that clients call'),
  from: service().describe('The Service of the old version; its Deployment has the same name'),
  to: service().describe('The Service of the new version; its Deployment has the same name'),
  step: z.int().min(1).max(100).default(20).describe('Percentage of the traffic that each step adds'),
  interval: k8s.duration().default('30s').describe('How long a step lasts'),
  successThreshold: z.number().min(0).max(100).default(99).describe('Percentage of requests that must not fail'),
})

/** What the workers remember under \`status\`. */
export const status = z.object({
  weight: z.int().optional().describe('Percentage of the traffic that the new version was last given'),
  stepped: z.int().optional().describe('When it was given that, in milliseconds since 1970'),
})
`

function split({ kind }: ProjectIdentity): string {
  return `import type { TrafficSplit } from 'mesh-autopilot'
import type { ${kind}Spec } from './generated/phases.ts'

/** The traffic of the service, \`weight\` percent of it to the new version. */
export function split({ service, from, to }: ${kind}Spec, weight: number): TrafficSplit {
  return {
    name: service,
    service,
    backends: [
      { service: from, weight: 100 - weight },
      { service: to, weight },
    ],
  }
}
`
}

const shifting = `import { k8s } from 'mesh-autopilot'
import type { ShiftingResult, ShiftingWorker } from '../generated/phases.ts'
import { split } from '../split.ts'

/** Judges the step that has passed, then takes the next one; unless somebody knows better. */
export const shifting: ShiftingWorker = {
  async sync({ resource, inputs, now, command }): Promise<ShiftingResult> {
    const { spec, status } = resource
    if (command?.verb === 'abort') return { next: 'Reverting', reason: \`aborted by \${command.by ?? 'somebody'}\` }
    if (command?.verb === 'promote')
      return {
        outputs: { trafficsplits: [split(spec, 100)] },
        status: { weight: 100 },
        next: 'Promoted',
        reason: \`promoted by \${command.by ?? 'somebody'}\`,
      }
    const weight = status?.weight ?? 0
    // Of this step: a worker is called when that is over, and whenever something changes.
    const left = (status?.stepped ?? 0) + k8s.milliseconds(spec.interval) - now
    const rate = await inputs.metrics.successRate({ workload: spec.to, window: spec.interval })
    if (weight > 0 && rate.state === 'ok' && rate.value * 100 < spec.successThreshold)
      return { next: 'Reverting', reason: \`success rate \${rate.text}\` }
    if (left > 0) return { after: left, reason: rate.text }
    if (weight > 0 && rate.state !== 'ok') return { after: spec.interval, reason: rate.text }
    if (weight === 100) return { next: 'Promoted', reason: \`success rate \${rate.text}\` }
    const next = Math.min(100, weight + spec.step)
    return { outputs: { trafficsplits: [split(spec, next)] }, status: { weight: next, stepped: now }, after: spec.interval }
  },
}
`

const reverting = `import type { RevertingResult, RevertingWorker } from '../generated/phases.ts'
import { split } from '../split.ts'

/** The phase is left only when the mesh has taken the traffic back. */
export const reverting: RevertingWorker = {
  sync({ resource }): RevertingResult {
    return { outputs: { trafficsplits: [split(resource.spec, 0)] }, status: { weight: 0 }, next: 'RolledBack' }
  },
}
`

function example(identity: ProjectIdentity): string {
  const { kind, group, version } = identity
  return `# yaml-language-server: $schema=../${resourceSchemaPath(identity)}
apiVersion: ${group}/${version}
kind: ${kind}
metadata:
  name: web
spec:
  service: web
  from: web-v1
  to: web-v2
`
}

function test(identity: ProjectIdentity): string {
  const world = valueName(identity.kind)
  return `import { httpClients, httpService, readObjects, simulateProject } from 'mesh-autopilot/testing'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url)
const minute = 60_000

/** A world in which the share \`errorRate\` of the new version's answers are errors. */
async function ${world}(errorRate: number) {
  const [example] = await readObjects(new URL('${exampleResourcePath(identity)}', root))
  const simulation = await simulateProject(root, {
    resource: example,
    traffic: httpClients('web', { rate: 20, errorRates: { 'web-v2': errorRate } }),
  })
  await simulation.apply([...httpService('web', 'web-v1'), ...httpService('web-v1'), ...httpService('web-v2')])
  await simulation.runFor(minute)
  await simulation.apply([example])
  return simulation
}

test('a good version is promoted', async () => {
  await using simulation = await ${world}(0)
  await simulation.runUntil(() => simulation.timeline.phase === 'Promoted', 20 * minute)
  expect(simulation.timeline.phases.map(({ phase }) => phase)).toEqual(['Shifting', 'Promoted'])
})

test('a bad version is rolled back', async () => {
  await using simulation = await ${world}(0.2)
  await simulation.runUntil(() => simulation.timeline.phase === 'RolledBack', 20 * minute)
  expect(simulation.timeline.phases.map(({ phase }) => phase)).toEqual(['Shifting', 'Reverting', 'RolledBack'])
})

test('people can go ahead, go back and begin again', async () => {
  await using simulation = await ${world}(0)
  const reach = (phase: string) => simulation.runUntil(() => simulation.timeline.phase === phase, minute)
  await reach('Shifting')
  await simulation.tell('abort')
  await reach('RolledBack')
  await simulation.tell('retry')
  await reach('Shifting')
  await simulation.tell('promote')
  expect(await reach('Promoted')).toBe(true)
})
`
}

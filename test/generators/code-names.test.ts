import { describe, expect, test } from 'vitest'
import { kindsFile } from '../../generators/project/kinds-file.ts'
import { codeFiles } from '../../generators/project/project-files.ts'
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts'
import { parseProject } from '../../src/project/parse-project.ts'
import { typeErrors } from '../support/type-errors.ts'

function textOf(phases: readonly string[], kind = 'Example'): string {
  return `kind: ${kind}
apiVersion: examples.io/v1
enableFinalizer: true
phases:
- {name: Begin, initial: true, inputs: [own-examples, foo-bars], outputs: [foo-bars]}
${phases.map((name) => `- {name: ${name}}\n`).join('')}- {name: Typeof, final: true}
customParameters:
- {lowerName: foo-bars, singleName: FooBar, pluralName: FooBars, apiGroup: shop.io}
- {lowerName: own-examples, singleName: Example, pluralName: Examples, apiGroup: examples.io}
`
}

/** What is wrong with a project of these phases. */
function problemsOf(phases: readonly string[], kind?: string): string[] {
  try {
    parseProject(textOf(phases, kind), 'autopilot.yaml')
    return []
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    return error.diagnostics.map(
      ({ code, position, message }) => `${position?.line}:${position?.column} ${code} ${message}`,
    )
  }
}

describe('a name that cannot be one in code is refused', () => {
  test.each([
    [['New'], '6:10 AP1214 phases[1].name is "New", and its worker would be called new, a reserved word of TypeScript'],
    [['delete'], '6:10 AP1214 phases[1].name is "delete", a reserved word of TypeScript'],
    [['Status'], '6:10 AP1226 phases[1].name is "Status", of which generated code would have a second status'],
    [['phase'], '6:10 AP1226 phases[1].name is "phase", of which generated code would have a second PhaseWorker'],
    [['RollBack', 'roll_back'], '7:10 AP1203 phase roll_back has the name of the phase RollBack (6:10)'],
  ])('of the phases %s', (phases, problem) => {
    expect(problemsOf(phases)).toEqual([problem])
  })

  test('of a kind', () => {
    expect(problemsOf([], 'PhaseWorker')).toEqual([
      '1:7 AP1226 kind is "PhaseWorker", of which generated code would have a second PhaseWorker',
    ])
  })
})

test('the code of phases with any other name compiles', async () => {
  const words =
    'New Status Spec Phase Finalizer Default Import Worker Result Inputs Resource Sync Example ExampleSpec Any Object String ' +
    'Array Promise Record Then Async Of Get Type Undefined GlobalThis NaN Infinity Z constructor toString valueOf prototype ' +
    'hasOwnProperty Define_Operator defineOperator kinds A a1 A_1b HTTPCheck x_ K8s'
  const accepted = words.split(' ').filter((name) => problemsOf([name]).length === 0)
  expect(accepted.length).toBeGreaterThan(30)
  const { project } = parseProject(textOf(accepted), 'autopilot.yaml')
  const kind = { group: 'shop.io', version: 'v1', kind: 'FooBar', plural: 'foobars', namespaced: true }
  const typedKinds = [{ name: 'foo-bars', kind, schema: { type: 'object' } }]
  const files = await codeFiles(project, { library: 'mesh-autopilot', testing: 'mesh-autopilot', typedKinds })
  const code = files.filter(({ path }) => path.startsWith('src/')).map(({ path, text }) => [path, text])
  expect(await typeErrors(Object.fromEntries(code))).toEqual([])
})

test('kinds of one name in groups that begin alike have types of two names', async () => {
  const { project } = parseProject(textOf([]), 'autopilot.yaml')
  const kinds = ['shop.io', 'shop.com', '3scale.net'].map((group, index) => ({
    name: `gateways${index}`,
    kind: { group, version: 'v1', kind: 'Gateway', plural: 'gateways', namespaced: true },
    schema: {},
  }))
  const { text } = await kindsFile(project, kinds, 'mesh-autopilot')
  expect(text.match(/interface \w+/g)).toEqual([
    'interface ShopIoGateway',
    'interface ShopComGateway',
    'interface Gateways2Object',
  ])
})

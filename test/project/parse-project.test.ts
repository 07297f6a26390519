import { describe, expect, test } from 'vitest'
import { loadProject } from '../../src/project/load.ts'
import { parseProject } from '../../src/project/parse-project.ts'
import { complaints, shortComplaints } from './complaints.ts'

const good = `kind: Example
apiVersion: examples.io/v1
operatorName: example-operator
`

function refuse(text: string): string[] {
  return shortComplaints(() => parseProject(text, 'autopilot.yaml'))
}

describe('the files of the original', () => {
  test('the three-phase Example loads, in flow style', async () => {
    const { project, diagnostics } = await loadProject('test/fixtures/original/example')
    expect(diagnostics).toEqual([])
    expect(project).toEqual({
      kind: 'Example',
      group: 'examples.io',
      version: 'v1',
      plural: 'examples',
      operatorName: 'example-operator',
      enableFinalizer: false,
      customParameters: [],
      queries: [],
      verbs: [],
      phases: [
        {
          name: 'Initializing',
          description: 'Example has begun initializing',
          initial: true,
          final: false,
          inputs: [],
          outputs: ['virtualservices'],
        },
        {
          name: 'Processing',
          description: 'Example has begun processing',
          initial: false,
          final: false,
          inputs: ['metrics'],
          outputs: ['virtualservices'],
        },
        {
          name: 'Finished',
          description: 'Example has finished',
          initial: false,
          final: true,
          inputs: [],
          outputs: [],
        },
      ],
    })
  })

  test('the CanaryDeployment project loads, in block style', async () => {
    const { project } = await loadProject('test/fixtures/original/canary/autopilot.yaml')
    expect(project).toMatchObject({ group: 'autopilot.examples.io', plural: 'canarydeployments' })
    expect(project.phases.map(({ name, inputs, outputs }) => [name, inputs.join(' '), outputs.join(' ')])).toEqual([
      ['Initializing', 'deployments', 'deployments services virtualservices'],
      ['Waiting', 'deployments virtualservices', 'deployments virtualservices'],
      ['Evaluating', 'metrics virtualservices', 'virtualservices'],
      ['Promoting', 'deployments virtualservices', 'deployments virtualservices'],
      ['RollBack', 'deployments virtualservices', 'deployments virtualservices'],
    ])
  })

  test('fields that only Go needs are read, and the version of a custom parameter comes from its package', () => {
    const { project } = parseProject(
      `${good}phases: [{name: Only, initial: true, inputs: [widgets, gadgets, metrics]}]
customParameters:
- lowerName: widgets
  singleName: Widget
  pluralName: Widgets
  importPrefix: widgetsv1beta1
  package: example.com/widgets/pkg/apis/widgets/v1beta1
  apiGroup: widgets.example.com
  isCrd: true
- {lowerName: gadgets, singleName: Gadget, pluralName: Gadgets}
queries:
- name: istio-success-rate
  queryTemplate: |
    sum(rate(istio_requests_total{ns="{{ .Namespace }}",workload=~"{{.Name}}"}[{{- .Interval -}}]))
  parameters: [Namespace, Name, Interval]
`,
      'autopilot.yaml',
    )
    expect(project.customParameters).toEqual([
      {
        lowerName: 'widgets',
        singleName: 'Widget',
        pluralName: 'Widgets',
        apiGroup: 'widgets.example.com',
        version: 'v1beta1',
        namespaced: true,
      },
      {
        lowerName: 'gadgets',
        singleName: 'Gadget',
        pluralName: 'Gadgets',
        apiGroup: '',
        version: 'v1',
        namespaced: true,
      },
    ])
    expect(project.queries[0]?.parameters).toEqual(['Namespace', 'Name', 'Interval'])
  })

  test('empty optional fields count as left out, and the operator is named after the kind', () => {
    const text =
      'kind: Policy\napiVersion: a.io/v1\nphases:\n- name: A\n  initial: yes\n  inputs:\n  description:\nqueries:\n'
    const { project } = parseProject(text, 'autopilot.yaml')
    expect(project).toMatchObject({ plural: 'policies', operatorName: 'policy-operator', queries: [] })
    expect(project.phases[0]).toMatchObject({ initial: true, inputs: [] })
  })

  test('a byte order mark, CRLF, comments, anchors and merge keys are fine', () => {
    const text = `\uFEFF# a comment\n---\n${good}phases:\n- &first\n  name: A\n  initial: true\n  outputs: &o [services]\n- <<: *first\n  name: B\n  initial: false\n- {name: C, outputs: *o}\n---\n`
    const { project } = parseProject(text.replaceAll('\n', '\r\n'), 'autopilot.yaml')
    expect(project.phases.map(({ name, outputs }) => `${name} ${outputs}`)).toEqual([
      'A services',
      'B services',
      'C services',
    ])
  })
})

describe('what is printed about a wrong file', () => {
  test('every mistake is told at once, with its place and what was meant', () => {
    const text = `kind: example
apiVersion: v1
operatorNam: Example Operator
phases:
- name: Initializing
  inital: true
  outputs: [deployment, metrics]
- name: Evaluating
  inputs: [metrics, metrics]
  next: [Promotng]
- name: Promoting
  final: maybe
`
    expect(
      complaints(() => parseProject(text, 'shop/autopilot.yaml')).map((line) =>
        line.replace(/(?<=use one of ).*$/, '…'),
      ),
    ).toEqual([
      'shop/autopilot.yaml:1:7 AP1104 kind is "example"; it must be a name in PascalCase, such as CanaryDeployment. Change the value.',
      'shop/autopilot.yaml:2:13 AP1104 apiVersion is "v1"; it must be a DNS group with a dot and a version, such as examples.io/v1 or examples.io/v1alpha1. Change the value.',
      'shop/autopilot.yaml:3:1 AP1101 unknown field "operatorNam" in the file (did you mean "operatorName"?). Known here: kind, apiVersion, plural, operatorName, phases, enableFinalizer, customParameters, queries, verbs.',
      'shop/autopilot.yaml:4:1 AP1201 none of the phases Initializing, Evaluating, Promoting is the initial one. Mark the phase in which every resource starts with `initial: true`.',
      'shop/autopilot.yaml:6:3 AP1101 unknown field "inital" in phases[0] (did you mean "initial"?). Known here: name, description, initial, final, inputs, outputs, next.',
      'shop/autopilot.yaml:7:13 AP1208 phase Initializing has the unknown output "deployment" (did you mean "deployments"?). Declare its kind in customParameters, or use one of …',
      'shop/autopilot.yaml:7:25 AP1209 phase Initializing has the output "metrics", which can only be read. Move it to `inputs`.',
      'shop/autopilot.yaml:9:21 AP1105 "metrics" is in phases[1].inputs twice. Remove one of the two.',
      'shop/autopilot.yaml:10:10 AP1204 phase Evaluating may go to "Promotng", which is no phase (did you mean "Promoting"?). The phases are Initializing, Evaluating, Promoting.',
      'shop/autopilot.yaml:12:10 AP1103 phases[2].final must be true or false, not "maybe". Change the value; a text that YAML would read as something else needs quotes.',
    ])
  })

  test.each([
    ['nothing', '', '1:1 AP1002 the file holds nothing but comments or white space'],
    ['only a comment', '# later\n', '1:1 AP1002 the file holds nothing but comments or white space'],
    ['a text', 'hello', '1:1 AP1103 the file must be a mapping of fields, not "hello"'],
    [
      'two documents',
      `${good}phases: [{name: A, initial: true}]\n---\nkind: B\n`,
      '6:1 AP1003 a second YAML document starts here; one file holds one document',
    ],
    [
      'a field twice',
      `${good}kind: Other\nphases: [{name: A, initial: true}]\n`,
      '4:1 AP1004 "kind" is already given in line 1',
    ],
    ['an unknown alias', `${good}phases: *phases\n`, '4:9 AP1009 the alias *phases has no anchor before it'],
    ['an alias inside itself', `${good}phases: &p [*p]\n`, '4:13 AP1009 the alias *p stands inside its own anchor'],
    ['a mapping as a key', `${good}{a: b}: c\n`, '4:1 AP1010 the name of a field must be a plain text'],
    [
      'a missing field',
      'kind: A\nphases: [{name: A, initial: true}]\n',
      '1:1 AP1102 the file lacks the field "apiVersion"',
    ],
    ['a phase without a name', `${good}phases:\n- initial: true\n`, '5:3 AP1102 phases[0] lacks the field "name"'],
    [
      'no phases',
      `${good}phases: []\n`,
      '4:9 AP1104 phases is an empty list; it must be a list with at least one item',
    ],
    [
      'a required field left empty',
      'kind:\napiVersion: a.io/v1\nphases: [{name: A, initial: true}]\n',
      '1:6 AP1103 kind must be a text, not empty',
    ],
    [
      'a number as a name',
      `${good}phases: [{name: 12, initial: true}]\n`,
      '4:17 AP1103 phases[0].name must be a text, not the number 12',
    ],
    [
      'a name no identifier is',
      `${good}phases: [{name: Roll back, initial: true}]\n`,
      '4:17 AP1104 phases[0].name is "Roll back"; it must be an identifier: a letter, then letters, digits and _',
    ],
    [
      'a reserved word',
      `${good}phases: [{name: delete, initial: true}]\n`,
      '4:17 AP1214 phases[0].name is "delete", a reserved word of TypeScript',
    ],
    [
      'a next that is empty',
      `${good}phases: [{name: A, initial: true, next: []}]\n`,
      '4:41 AP1104 phases[0].next is an empty list; it must be a list with at least one item',
    ],
    [
      'an operator name no label is',
      `kind: A\napiVersion: a.io/v1\noperatorName: My_Operator\nphases: [{name: A, initial: true}]\n`,
      '3:15 AP1104 operatorName is "My_Operator"; it must be a DNS label in lower case, such as canary-operator',
    ],
  ])('%s', (_what, text, line) => {
    expect(refuse(text)).toEqual([line])
  })

  test('two initial phases are both named, and so are phases that differ only in case', () => {
    expect(refuse(`${good}phases:\n- {name: RollBack, initial: true}\n- {name: Rollback, initial: true}\n`)).toEqual([
      '6:10 AP1203 phase Rollback has the name of the phase RollBack (5:10)',
      '6:20 AP1202 phase Rollback is initial, and so is RollBack (5:20)',
    ])
  })

  test('a final phase has nothing to do', () => {
    const text = `${good}phases:
- {name: A, initial: true, final: true}
- {name: B, final: true, inputs: [pods], outputs: [pods], next: [A]}
- {name: C, final: true, inputs: [], outputs: []}
`
    expect(refuse(text)).toEqual([
      '5:28 AP1206 phase A is initial and final, so nothing would ever happen',
      '6:26 AP1205 phase B is final and has inputs; nobody works on a resource in a final phase',
      '6:42 AP1205 phase B is final and has outputs; nobody works on a resource in a final phase',
      '6:59 AP1205 phase B is final and has next; nobody works on a resource in a final phase',
    ])
  })

  test('a phase that no other leads to is worth a note, not a refusal', () => {
    const text = `${good}phases:
- {name: A, initial: true, next: [B]}
- {name: B, next: [A]}
- {name: C, next: [A]}
`
    const { project, diagnostics } = parseProject(text, 'autopilot.yaml')
    expect(project.phases).toHaveLength(3)
    expect(diagnostics.map(({ code, message, position }) => [code, message, position?.line])).toEqual([
      ['AP1210', 'no way leads from the initial phase to C', 7],
    ])
  })

  test('queries are checked for names, holes and what Go templates have beyond holes', () => {
    const text = `${good}phases: [{name: A, initial: true, inputs: [metrics]}]
queries:
- {name: error-share, queryTemplate: 'sum({{ .Name }}) {{ if .X }} {{ .Namspace | lower }}', parameters: [Name]}
- {name: error_share, queryTemplate: 'x[{{ .Intervall }}]', parameters: [Interval]}
- {name: success-rate, queryTemplate: '{{ .A', parameters: [A]}
`
    expect(refuse(text)).toEqual([
      '6:38 AP1213 the query error-share has the hole {{ if .X }}, which is not the name of a parameter',
      '6:38 AP1213 the query error-share has the hole {{ .Namspace | lower }}, which is not the name of a parameter',
      '7:10 AP1211 the query error_share becomes the method errorShare, and so does error-share (6:10)',
      '7:38 AP1212 the query error_share has the hole {{ .Intervall }}, which is none of its parameters (did you mean "Interval"?)',
      '8:10 AP1211 the query success-rate becomes the method successRate, and so does a built-in query (always there)',
      '8:39 AP1213 the query success-rate has the hole {{ .A, which has no }}',
    ])
  })

  test('custom parameters cannot take the names of the neutral model, nor one another’s', () => {
    const text = `${good}phases: [{name: A, initial: true, inputs: [widgetz]}]
customParameters:
- {lowerName: metrics, singleName: Metric, pluralName: Metrics}
- {lowerName: widgets, singleName: Widget, pluralName: Widgets}
- {lowerName: widgets, singleName: Widget, pluralName: Widgets, apiGroup: Example.com}
`
    expect(refuse(text)).toEqual([
      '4:44 AP1207 phase A has the unknown input "widgetz" (did you mean "widgets"?)',
      '6:15 AP1215 the custom parameter "metrics" has the name of a built-in input that works on every mesh',
      '8:15 AP1215 the custom parameter "widgets" has the name of customParameters[1]',
      '8:75 AP1104 customParameters[2].apiGroup is "Example.com"; it must be a DNS name in lower case, such as example.com',
    ])
  })
})

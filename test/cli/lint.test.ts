import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A folder with these files. */
function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ap-lint-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const workflow = (outputs: string, rest = '') => `kind: Example
apiVersion: examples.io/v1
phases:
  - name: Start
    initial: true
    inputs: [metrics]
    outputs: ${outputs}
    next: [Done]
  - name: Done
    final: true
${rest}`
const config = (mesh: string) => `meshProvider: ${mesh}\n`

async function lint(folder: string, ...options: string[]) {
  const { code, stdout, stderr } = await callAp(['lint', ...options], '', folder)
  return { code, stderr, lines: stdout.split('\n').slice(0, -1) }
}

describe('ap lint of a project', () => {
  test('finds nothing in one that is in order', async () => {
    expect(await callAp(['lint', 'operators/canary'])).toEqual({ code: 0, stdout: 'No findings\n', stderr: '' })
  })

  test('tells everything that is wrong in both files at once, in order', async () => {
    const folder = project({
      'autopilot.yaml': workflow('[trafficsplit]', 'queries:\n  - name: q\n    queryTemplate: rate(up[5m]\n'),
      'autopilot-operator.yaml': 'meshProvider: istoi\nworkIntervall: 5s\n',
    })
    const { code, lines } = await lint(folder)
    expect(code).toBe(1)
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'autopilot.yaml:7:15 AP1208',
      'autopilot-operator.yaml:1:15 AP1301',
      'autopilot-operator.yaml:2:1 AP1101',
      '3 errors',
    ])
    expect(lines[0]).toContain('did you mean "trafficsplits"?')
  })

  test('points at the character where a query stops being PromQL', async () => {
    const query =
      'queries:\n  - name: rate\n    queryTemplate: sum(rate(up{a="{{ .A }}"}[{{ .W }}])\n    parameters: [A, W]\n'
    const folder = project({
      'autopilot.yaml': workflow('[]', query),
      'autopilot-operator.yaml': config('istio'),
    })
    expect((await lint(folder)).lines).toEqual([
      expect.stringMatching(
        /^autopilot.yaml:\d+:\d+ AP1216 query rate is no PromQL from character 36 on, at its end\./,
      ),
      '1 error',
    ])
  })

  test('refuses an output of which the chosen mesh has nothing, and names the nearest thing', async () => {
    const folder = project({
      'autopilot.yaml': workflow('[trafficmirrors]'),
      'autopilot-operator.yaml': config('linkerd'),
    })
    const { code, lines } = await lint(folder)
    expect(code).toBe(1)
    expect(lines[0]).toMatch(
      /^autopilot.yaml:7:15 AP1501 phase Start emits trafficmirrors, of which linkerd has nothing/,
    )
  })

  test('says where else the workflow could run, and fails only for the mesh it is configured for', async () => {
    const folder = project({
      'autopilot.yaml': workflow('[trafficmirrors]'),
      'autopilot-operator.yaml': config('istio'),
    })
    const { code, lines } = await lint(folder, '--mesh', 'all')
    expect(code).toBe(0)
    expect(lines.at(-2)).toMatch(/^Runs on istio, gateway-api.*; not on linkerd, smi$/)
  })

  test('warns of a phase that names a kind of one mesh', async () => {
    const folder = project({
      'autopilot.yaml': workflow('[virtualservices]'),
      'autopilot-operator.yaml': config('istio'),
    })
    expect(await lint(folder)).toMatchObject({
      code: 0,
      lines: [
        expect.stringMatching(/^warning: autopilot.yaml:7:15 AP1503 phase Start has virtualservices among its outputs/),
        '1 warning',
      ],
    })
  })

  test('says what is missing in an empty folder', async () => {
    const { code, lines } = await lint(project({}))
    expect(code).toBe(1)
    expect(lines).toEqual([expect.stringContaining('AP1008'), expect.stringContaining('AP1008'), '2 errors'])
  })
})

const split = `apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: web }
spec:
  service: web
  matches: [{ kind: HTTPRouteGroup, name: beta }]
  backends: [{ service: web-v1, weight: 90 }]
`

describe('ap lint of files', () => {
  test('tells what an API server would refuse, at its place', async () => {
    const { code, stdout } = await callAp(['lint', '-f', '-'], split.replace('weight: 90', 'weight: many'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/^stdin:7:41 AP7003 .*\n1 error\n$/)
  })

  test('tells what a mesh could not carry only when it is named', async () => {
    const group = `---
apiVersion: specs.smi-spec.io/v1alpha4
kind: HTTPRouteGroup
metadata: { name: beta }
spec: { matches: [{ name: api, pathRegex: /api }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { ports: [{ port: 80 }] }
`
    expect((await callAp(['lint', '-f', '-'], split + group)).stdout).toBe('No findings\n')
    const { code, stdout } = await callAp(['lint', '-f', '-', '--mesh', 'gateway-api'], split + group)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^stdin:3:19 AP2101 gateway-api cannot carry a path prefix by characters/)
  })
})

describe('the formats', () => {
  const folder = project({
    'autopilot.yaml': workflow('[virtualservices, nothing]'),
    'autopilot-operator.yaml': config('istio'),
  })

  test('JSON has the place, the code and the remedy of each', async () => {
    const { code, stdout } = await callAp(['lint', '-o', 'json'], '', folder)
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      errors: 1,
      warnings: 0,
      notes: 0,
      findings: [
        {
          level: 'error',
          code: 'AP1208',
          file: 'autopilot.yaml',
          line: 7,
          column: 32,
          message: expect.stringContaining('nothing'),
          remedy: expect.stringMatching(/\.$/),
        },
      ],
    })
  })

  test('SARIF has a rule for each code and a place for each result', async () => {
    const { stdout } = await callAp(['lint', '-o', 'sarif'], '', folder)
    const { version, runs } = JSON.parse(stdout)
    expect(version).toBe('2.1.0')
    expect(runs[0].tool.driver.rules).toEqual([{ id: 'AP1208', shortDescription: { text: 'Unknown output' } }])
    expect(runs[0].results).toMatchObject([
      {
        ruleId: 'AP1208',
        ruleIndex: 0,
        level: 'error',
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'autopilot.yaml', uriBaseId: 'PROJECT' },
              region: { startLine: 7, startColumn: 32 },
            },
          },
        ],
      },
    ])
  })

  test.each([
    [['lint', '-o', 'xml'], 'ap: -o xml is not a format; there are text, json, sarif\n'],
    [['lint', 'a', '-f', 'b'], 'ap: name a folder or files with -f, not both\n'],
    [['lint', '-f', '-', '-f', '-'], 'ap: standard input can be read only once\n'],
  ])('%j is a wrong call', async (args, message) => {
    expect(await callAp(args)).toEqual({ code: 2, stdout: '', stderr: message })
  })
})

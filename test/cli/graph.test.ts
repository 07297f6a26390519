import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

const graph = (...options: string[]) => callAp(['graph', 'operators/canary', ...options])

describe('ap graph', () => {
  test('draws a state diagram of Mermaid', async () => {
    expect((await graph()).stdout).toBe(`stateDiagram-v2
  [*] --> Initializing
  Initializing --> Waiting
  Waiting --> Evaluating
  Evaluating --> Promoting
  Evaluating --> RollBack
  Promoting --> Waiting
  Promoting --> RollBack
  RollBack --> Waiting
  note right of Waiting : retry
  note right of Evaluating : promote, abort
  note right of Promoting : abort
`)
  })

  test('draws a graph of Graphviz', async () => {
    const { stdout } = await graph('-o', 'dot')
    expect(stdout).toMatch(/^digraph "CanaryDeployment" \{\n/)
    expect(stdout).toContain('  "Evaluating" -> "RollBack"\n')
  })

  test('draws a picture with a box for each phase and an arrow for each way', async () => {
    const { stdout } = await graph('-o', 'svg')
    expect(stdout).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 \d+ \d+"/)
    expect(stdout.match(/<rect /g)).toHaveLength(5)
    expect(stdout.match(/marker-end/g)).toHaveLength(7)
  })

  test('draws what people can say, and where that leads from a final phase', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ap-graph-'))
    try {
      const text = `kind: Canary
apiVersion: examples.io/v1
phases: [{name: Shifting, initial: true, next: [Failed]}, {name: Failed, final: true}]
verbs: [{name: abort, phases: [Shifting]}, {name: retry, phases: [Failed], next: Shifting}]
`
      await writeFile(join(folder, 'autopilot.yaml'), text)
      const drawn = async (format: string) => (await callAp(['graph', folder, '-o', format])).stdout
      expect(await drawn('mermaid')).toContain('  Failed --> Shifting : retry\n')
      expect(await drawn('mermaid')).toContain('  note right of Shifting : abort\n')
      expect(await drawn('dot')).toContain('  "Failed" -> "Shifting" [label="retry"]\n')
      expect(await drawn('dot')).toContain('label="Shifting\\n(abort)"')
      expect(await drawn('svg')).toMatch(/>Shifting<.*>abort<[\s\S]*>Failed<.*>retry</)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test.each([
    [['graph', '-o', 'png'], 2, /^ap: -o png is not a format; there are mermaid, svg, dot\n$/],
    [['graph', 'nowhere'], 1, /^AP1008 nowhere\/?.*cannot be read/],
  ])('%j fails', async (args, code, message) => {
    const result = await callAp(args)
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' })
    expect(result.stderr).toMatch(message)
  })
})

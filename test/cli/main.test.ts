import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

describe('ap', () => {
  test('suggests the command that was meant and exits with 2', async () => {
    const { code, stdout, stderr } = await callAp(['demmo'])
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain("unknown command 'demmo'\n(Did you mean demo?)")
  })

  test.each([
    [['init', 'x', '--module', 'example.com/x'], '--module is gone. It named a Go module: leave it out.'],
    [['generate', '--deepcopy-only'], '--deepcopy-only is gone. It was about Go: leave it out.'],
    [['deploy', 'x:1', '-p'], '-p is gone. `ap build IMAGE --push` builds an image'],
    [['logs', '-v'], '-v is gone. Leave it out'],
  ])('tells who knew the original Autopilot what became of its options: %j', async (args, advice) => {
    const { code, stdout, stderr } = await callAp(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`(the original Autopilot's ${advice}`)
  })

  test('refuses an unknown option with 2 and names the one that was meant', async () => {
    const { code, stderr } = await callAp(['run', '--meshh', 'istio'])
    expect(code).toBe(2)
    expect(stderr).toContain("unknown option '--meshh'\n(Did you mean --mesh?)")
  })
})

describe('ap version', () => {
  test('prints one line for people', async () => {
    const { code, stdout } = await callAp(['version'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ap \d+\.\d+\.\d+ \(Node 2\d\.\d+\.\d+\)\n$/)
  })

  test('prints JSON for programs', async () => {
    const { stdout } = await callAp(['version', '-o', 'json'])
    expect(JSON.parse(stdout)).toEqual({ ap: expect.stringMatching(/^\d+\.\d+\.\d+$/), node: process.versions.node })
  })

  test('refuses a format that it does not have, listing those that it has', async () => {
    const { code, stderr } = await callAp(['version', '-o', 'yaml'])
    expect(code).toBe(2)
    expect(stderr).toBe('ap: -o yaml is not a format; there are text, json\n')
  })
})

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { builtInMeshes } from '../../src/meshes.ts'
import { callAp } from '../support/call-ap.ts'
import { runAp } from '../support/run-ap.ts'

/** What a shell would offer for the last word. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout } = await callAp(['complete', '--', ...words], '', 'operators/canary')
  return stdout.split('\n').flatMap((line) => (line === '' || line.startsWith(':') ? [] : [line.split('\t')[0] ?? '']))
}

describe('ap completion', () => {
  test.each(['bash', 'zsh', 'fish', 'powershell'])('prints a script for %s', async (shell) => {
    const { code, stdout } = await runAp(['completion', shell])
    expect(code).toBe(0)
    expect(stdout).toContain('ap')
    expect(stdout.length).toBeGreaterThan(500)
  })

  test('names the shells there are', async () => {
    const { code, stderr } = await runAp(['completion', 'tcsh'])
    expect(code).toBe(2)
    expect(stderr).toContain('Allowed choices are bash, zsh, fish, powershell')
  })

  test('bash offers what there is, with nothing else installed, and runs nothing that stands on the line', async () => {
    const { stdout } = await runAp(['completion', 'bash'])
    const bin = join(import.meta.dirname, '..', '..', 'bin', 'ap.js')
    const script = `
      ap() { "${process.execPath}" "${bin}" "$@"; }
      offered() {
        COMP_WORDS=(ap "$@")
        COMP_CWORD=$#
        _ap_complete ap
        echo "\${COMPREPLY[*]}"
      }
      ${stdout}${stdout}
      offered sw
      offered switch l
      offered lint --mesh = li
      offered explain 'Eval$(echo run >&2)'
      offered graph -o ''`
    const answer = await promisify(execFile)('bash', ['--norc', '-c', script], { cwd: 'operators/canary' })
    expect(answer).toEqual({ stdout: 'switch\nlinkerd\nlinkerd\n\nmermaid svg dot\n', stderr: '' })
  })

  test('offers commands', async () => {
    expect(await offered('gen')).toEqual(['generate'])
  })

  test('offers the meshes there are', async () => {
    const meshes = builtInMeshes.map(({ name }) => name)
    expect(await offered('switch', '')).toEqual(meshes)
    expect(await offered('lint', '--mesh', '')).toEqual([...meshes, 'all'])
    expect(await offered('capabilities', 'linkerd', 'l')).toEqual([])
  })

  test('offers formats', async () => {
    expect(await offered('graph', '--output', '')).toEqual(['mermaid', 'svg', 'dot'])
    expect(await offered('deploy', '-o', '')).toEqual(['yaml', 'json'])
  })

  test('offers the phases of the project in this folder', async () => {
    expect(await offered('explain', 'Eval')).toEqual(['Evaluating'])
  })

  test('offers the verbs of its workflow', async () => {
    expect(await offered('prom')).toEqual(['promote'])
    expect(await offered('command', '')).toEqual(['promote', 'abort', 'retry'])
  })
  test('offers options by their long names, and by their short ones only where one has begun', async () => {
    expect(await offered('switch', '-')).toEqual(['--dry-run', '--deploy', '--help'])
    expect(await offered('logs', '-f')).toEqual(['-f'])
  })

  test('knows which words are values of options, and which are not', async () => {
    expect(await offered('build', 'shop:1', '--engine', 'po')).toEqual(['podman'])
    expect(await offered('undeploy', '--cascade', '--traffic=')).toEqual(['restore', 'keep'])
    expect(await offered('init', '--mesh', 'istio', '--template', 'c')).toEqual(['canary'])
    expect(await offered('lint', '--', '--mesh', 'i')).toEqual([])
  })

  test('says of a file that it may stand there, and of all else that only this may', async () => {
    const directive = async (...words: string[]) =>
      (await callAp(['complete', '--', ...words])).stdout.split('\n').at(-2)
    expect(await directive('lint', '-f', '')).toBe(':0')
    expect(await directive('generate', '')).toBe(':0')
    expect(await directive('switch', '')).toBe(':4')
    expect(await directive('nothing', '')).toBe(':4')
  })

  test('`ap help` takes a command', async () => {
    expect(await offered('help', 'gen')).toEqual(['generate'])
  })
})

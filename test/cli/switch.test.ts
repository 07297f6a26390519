import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'

const workflow = (output: string) => `kind: Example
apiVersion: examples.io/v1
phases:
  - { name: Start, initial: true, outputs: [${output}], next: [Done] }
  - { name: Done, final: true }
`
const config = '# Ours.\nmeshProvider: istio # the one word\nlogLevel: 2\n'
const spec = "import { z } from 'zod'\nexport const spec = z.object({})\nexport const status = z.object({})\n"

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function project(output: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ap-switch-'))
  folders.push(folder)
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'autopilot.yaml'), workflow(output))
  writeFileSync(join(folder, 'autopilot-operator.yaml'), config)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'src', 'spec.ts'), spec)
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
  return folder
}

const configOf = (folder: string) => readFileSync(join(folder, 'autopilot-operator.yaml'), 'utf8')

describe('ap switch', () => {
  test('changes one word, keeps every other byte, and shows what changes in the manifests', async () => {
    const folder = project('trafficsplits')
    await callAp(['generate'], '', folder)
    const { code, stdout } = await callAp(['switch', 'linkerd'], '', folder)
    expect(code).toBe(0)
    expect(configOf(folder)).toBe(config.replace('istio', 'linkerd'))
    expect(stdout).toContain('-meshProvider: istio # the one word\n+meshProvider: linkerd # the one word\n')
    expect(stdout).toContain('+++ deploy/overlays/linkerd/mesh-role.yaml')
    expect((await callAp(['generate', '--check'], '', folder)).code).toBe(0)
  })

  test('--dry-run shows it and writes nothing', async () => {
    const folder = project('trafficsplits')
    const { code, stdout } = await callAp(['switch', 'linkerd', '--dry-run'], '', folder)
    expect(code).toBe(0)
    expect(stdout).toContain('+meshProvider: linkerd')
    expect(configOf(folder)).toBe(config)
  })

  test('names what was changed by hand and is not for the new mesh therefore', async () => {
    const folder = project('trafficsplits')
    await callAp(['generate'], '', folder)
    const file = join('deploy', 'base', 'role.yaml')
    appendFileSync(join(folder, file), '# by hand\n')
    for (const args of [['--dry-run'], []]) {
      const { code, stderr } = await callAp(['switch', 'linkerd', ...args], '', folder)
      expect(code).toBe(1)
      expect(stderr).toContain(`AP6063 changed by hand, and therefore not renewed: ${file}.`)
    }
    expect(readFileSync(join(folder, file), 'utf8')).toMatch(/# by hand\n$/)
  })

  test('refuses a mesh that cannot carry the workflow, and changes nothing', async () => {
    const folder = project('trafficmirrors')
    const { code, stdout } = await callAp(['switch', 'linkerd'], '', folder)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^autopilot.yaml:4:\d+ AP1501 .*trafficmirrors/)
    expect(configOf(folder)).toBe(config)
  })

  test('says so when there is nothing to change', async () => {
    const folder = project('trafficsplits')
    expect(await callAp(['switch', 'istio'], '', folder)).toMatchObject({
      code: 0,
      stdout: 'The project runs on istio already\n',
    })
  })

  test('suggests the mesh that was meant', async () => {
    const { code, stderr } = await callAp(['switch', 'linkrd'])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('(did you mean "linkerd"?)') })
  })
})

import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runAp } from '../support/run-ap.ts'

const canary = fileURLToPath(new URL('../../operators/canary', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ap-run-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** A kubeconfig for a server, and where it lies. */
async function kubeconfig(server: string): Promise<string> {
  const file = join(folder, 'kubeconfig')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  await writeFile(file, JSON.stringify(config))
  return file
}

/** A port of this machine on which nothing listens. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

describe('ap run fails before it writes anything, in one line without a stack', () => {
  test('in a folder that is no project', async () => {
    const { code, stderr } = await runAp(['run'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toBe(
      'AP1008 autopilot.yaml cannot be read: there is no such file. Check the path and its permissions.\n',
    )
  })

  test('when the operator configuration is wrong, with its place', async () => {
    const config = join(folder, 'operator.yaml')
    await writeFile(config, 'version: 0.0.1\nmeshProvider: isto\n')
    const { code, stderr } = await runAp(['run', canary, '--config', config])
    expect(code).toBe(1)
    expect(stderr).toContain(`${config}:2:15 AP1301 `)
    expect(stderr).toContain('istio')
  })

  test('when a project has no code', async () => {
    await cp(join(canary, 'autopilot.yaml'), join(folder, 'autopilot.yaml'))
    await cp(join(canary, 'autopilot-operator.yaml'), join(folder, 'autopilot-operator.yaml'))
    const { code, stderr } = await runAp(['run', folder])
    expect(code).toBe(1)
    expect(stderr).toContain(`AP6002 ${folder} has no operator code`)
  })

  test.each([
    ['does not load', 'throw new Error("half written")', 'AP6004', 'half written'],
    ['exports something else', 'export default { workers: [] }', 'AP6003', 'does not export an operator'],
  ])('when its code %s', async (_what, code, diagnostic, text) => {
    await cp(join(canary, 'autopilot.yaml'), join(folder, 'autopilot.yaml'))
    await cp(join(canary, 'autopilot-operator.yaml'), join(folder, 'autopilot-operator.yaml'))
    await mkdir(join(folder, 'src'))
    await writeFile(join(folder, 'src', 'operator.ts'), code)
    const result = await runAp(['run', folder])
    expect(result.code).toBe(1)
    expect(result.stderr).toContain(diagnostic)
    expect(result.stderr).toContain(text)
    expect(result.stderr.trim().split('\n')).toHaveLength(1)
  })

  test('when there is no such mesh', async () => {
    const { code, stderr } = await runAp(['run', canary, '--mesh', 'linkerdd'])
    expect(code).toBe(2)
    expect(stderr).toContain('there is no mesh "linkerdd"')
    expect(stderr).toContain('istio, linkerd, smi, gateway-api')
  })

  test('when the kubeconfig points nowhere', async () => {
    const file = await kubeconfig(`http://127.0.0.1:${await freePort()}`)
    const { code, stderr } = await runAp(['run', canary, '--kubeconfig', file])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^AP3\d{3} the API server at http:\/\/127\.0\.0\.1:\d+ cannot be reached/)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

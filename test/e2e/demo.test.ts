import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { istioProvider } from '../../adapters/istio/index.ts'
import { smiProvider } from '../../adapters/smi/index.ts'
import { widthOf } from '../../src/cli/columns.ts'
import { canaryWorkflow } from '../../src/cli/demo/workflow.ts'
import { runDemo } from '../../src/cli/demo.ts'
import { createContainer, meshProviders } from '../../src/container.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const world = { providers: [istioProvider, smiProvider], workflow: canaryWorkflow }

/** `ap demo` in this process, with a stdout of its own. */
async function demo(
  options: Parameters<typeof runDemo>[0],
  { env = {}, signal = new AbortController().signal, providers = world.providers, ...terminal } = {} as {
    env?: Record<string, string>
    signal?: AbortSignal
    providers?: typeof world.providers
    isTTY?: boolean
    columns?: number
  },
) {
  const capture = () => {
    const chunks: string[] = []
    const stream = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk))
        done()
      },
    })
    return { chunks, stream: Object.assign(stream, terminal) }
  }
  const [stdout, stderr] = [capture(), capture()]
  const io = { stdout: stdout.stream, stderr: stderr.stream, cwd: root, env, signal }
  const code = await runDemo(options, io, { ...world, providers })
  return { code, stdout: stdout.chunks.join(''), stderr: stderr.chunks.join('') }
}

/** `ap` as a user starts it. */
function ap(...args: string[]) {
  const child = spawn(process.execPath, ['bin/ap.js', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (output.stdout += chunk))
  child.stderr.on('data', (chunk) => (output.stderr += chunk))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { child, output, ended }
}

describe('ap demo', () => {
  const adopted = ['Initializing', 'Waiting', 'Evaluating']

  test.for([
    { scenario: 'good', verdict: 'promoted', phases: [...adopted, 'Promoting', 'Waiting'] },
    { scenario: 'bad', verdict: 'rolled-back', phases: [...adopted, 'RollBack', 'Waiting'] },
    { scenario: 'no-traffic', verdict: 'waiting', phases: adopted },
  ])('brings every mesh to the same verdict through the same phases, in the scenario $scenario', async (facts) => {
    const { scenario } = facts
    const providers = meshProviders(createContainer())
    const { code, stdout, stderr } = await demo({ scenario: [scenario], output: 'json' }, { providers })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const runs = JSON.parse(stdout)
    expect(runs).toEqual(providers.map(({ name: mesh }) => expect.objectContaining({ mesh, ...facts, violations: [] })))
    for (const run of runs) {
      expect(run.errorsSeen > 0).toBe(scenario === 'bad')
      expect(run.objects).toContain('Deployment podinfo-primary')
      expect(run.apiCalls).toMatchObject({ GET: expect.any(Number), PATCH: expect.any(Number) })
      for (const { requested, observed } of run.steps) expect(observed).toBe(requested)
    }
    const asked = runs[0].steps.map(({ requested }: { requested: number }) => requested)
    if (scenario === 'good') expect(asked).toEqual([0, 10, 20, 30, 40, 50, 0])
  })

  test('does the same twice with one seed, to the byte, and something else with another', async () => {
    const once = (seed: string) => demo({ mesh: ['smi'], scenario: ['bad'], seed, output: 'json' })
    const [first, again, other] = [await once('7'), await once('7'), await once('8')]
    expect(again.stdout).toBe(first.stdout)
    expect(other.stdout).not.toBe(first.stdout.replace('"seed": 7', '"seed": 8'))
  })

  test('prints plain lines into a pipe', async () => {
    const { stdout } = await demo({ mesh: ['istio'], scenario: ['bad'] })
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toContain('\r')
    expect(stdout).toMatch(/RollBack +at 10 % \(step 1 of 5\): success rate 9\d(\.\d)? % is below 99 %/)
    expect(stdout).toMatch(/rolled-back, \d+ of 1000 users saw an error/)
  })

  test('draws in place on a terminal, in colour unless that is refused', async () => {
    const terminal = { isTTY: true, columns: 80 }
    const coloured = await demo({ mesh: ['istio'], scenario: ['bad'] }, terminal)
    expect(coloured.stdout).toContain('\r\u001b[2K')
    expect(coloured.stdout).toContain('\u001b[1m')
    const plain = await demo({ mesh: ['istio'], scenario: ['bad'] }, { ...terminal, env: { NO_COLOR: '1' } })
    expect(plain.stdout.replaceAll('\r\u001b[2K', '')).not.toContain('\u001b')
  })

  test('fits into 60 columns', async () => {
    const { stdout } = await demo({ scenario: ['good', 'bad', 'no-traffic'] }, { columns: 60 })
    for (const line of stdout.split('\n')) expect(widthOf(line), line).toBeLessThanOrEqual(60)
  })

  test('ends with 130 when it is interrupted', async () => {
    const abort = new AbortController()
    const running = demo({ speed: '1' }, { signal: abort.signal })
    setImmediate(() => abort.abort())
    expect((await running).code).toBe(130)
  })

  test('serves its control plane until Ctrl-C, and leaves nothing behind', async () => {
    const { child, output, ended } = ap('demo', '--mesh', 'istio', '--scenario', 'good', '--serve')
    await new Promise<void>((resolve) => {
      child.stdout.on('data', () => output.stdout.includes('Ctrl-C ends it') && resolve())
      child.on('close', () => resolve())
    })
    const file = /kubectl --kubeconfig (\S+) -n shop get canarydeployments -w/.exec(output.stdout)?.[1] ?? ''
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { clusters, users } = parse(readFileSync(file, 'utf8'))
    const { origin } = new URL(clusters[0].cluster.server)
    const answer = await fetch(`${origin}/apis/autopilot.examples.io/v1/namespaces/shop/canarydeployments/podinfo`, {
      headers: { authorization: `Bearer ${users[0].user.token}` },
    })
    expect(await answer.json()).toMatchObject({ kind: 'CanaryDeployment', status: { phase: 'Waiting' } })
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(existsSync(file)).toBe(false)
    expect(output.stderr).toBe('')
  })

  test('refuses a mesh that is not there, with the one that was meant', async () => {
    const { output, ended } = ap('demo', '--mesh', 'linkred')
    expect(await ended).toBe(2)
    expect(output).toEqual({
      stdout: '',
      stderr:
        'ap: there is no mesh "linkred" (did you mean "linkerd"?); there are istio, linkerd, smi, gateway-api, kuma, istio-ambient\n',
    })
  })

  test('prints nothing but the array with -o json', async () => {
    const { output, ended } = ap('demo', '--mesh', 'istio', '--scenario', 'good', '-o', 'json')
    expect(await ended).toBe(0)
    expect(output.stderr).toBe('')
    expect(Object.keys(JSON.parse(output.stdout)[0]).slice(0, 8)).toEqual([
      'mesh',
      'scenario',
      'verdict',
      'phases',
      'steps',
      'apiCalls',
      'objects',
      'errorsSeen',
    ])
  })
})

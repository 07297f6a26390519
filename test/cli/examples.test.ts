import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namespaceKind } from '../../src/cli/cluster/kinds.ts'
import { program } from '../../src/cli/program.ts'
import type { Kind } from '../../src/kube/object.ts'
import { meshCrds } from '../../src/simulator/mesh-crds.ts'
import { callAp } from '../support/call-ap.ts'
import { canaryProject } from '../support/canary-project.ts'
import { type EmbeddedCluster, embeddedCluster } from '../support/embedded-cluster.ts'
import { type ExampleCall, exampleCalls, goOn } from '../support/example-calls.ts'
import { startSteadyPrometheus } from '../support/new-project/steady-prometheus.ts'
import { startPodLogs } from '../support/pod-logs.ts'
import { runAp } from '../support/run-ap.ts'
import { writeProject } from '../support/write-project.ts'

/** Examples of which only the words are tried here, and why. */
const parsedOnly: Readonly<Record<string, string>> = {
  'ap demo -o json': 'takes seconds; test/e2e/demo.test.ts has the format, on one mesh',
  'ap init my-operator': 'packs this checkout, which takes a build; the suites of new projects do it',
  'ap init my-operator --kind Example --mesh linkerd --yes': 'the same',
  'ap init rollouts --kind Rollout --group acme.io --template canary': 'the same',
  'ap build ghcr.io/acme/rollouts:1.0.0': 'takes seconds; test/cli/build.test.ts builds and starts an image',
  'ap build localhost:5000/rollouts --platform linux/amd64,linux/arm64': 'the same',
  'ap build rollouts:dev --engine docker': 'needs Docker',
  'ap test': 'runs Vitest, of which a thread of Vitest cannot be part; the suites of new projects do it',
  'ap run /app --config /etc/autopilot/autopilot-operator.yaml': 'these files are in an image',
}

const service = (name: string, namespace: string, ports: string) =>
  `{ apiVersion: v1, kind: Service, metadata: { name: ${name}, namespace: ${namespace} }, spec: { ports: [${ports}] } }`
const http = '{ name: http, port: 80 }, { name: http-8080, port: 8080 }, { name: grpc, port: 81 }'
const services = ['web', 'web-v1', 'web-v2'].flatMap((name) =>
  ['default', 'shop'].map((namespace) => service(name, namespace, http)),
)
const split = `apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: web }
spec: { service: web, backends: [{ service: web-v1, weight: 90 }, { service: web-v2, weight: 10 }] }`
const virtualService = (name: string, hosts: string, rest: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec: { hosts: [${hosts}], ${rest} }`
const route = `http: [{ route: [{ destination: { host: web-v1 }, weight: 90 }, { destination: { host: web-v2 }, weight: 10 }] }]`
const database = ['db', 'db-v2'].map((name) => service(name, 'default', '{ name: tls, port: 443 }'))
const tls =
  'tls: [{ match: [{ port: 443, sniHosts: [a.example.com] }], route: [{ destination: { host: db-v2, port: { number: 443 } } }] }]'
const httpRoute: Kind = {
  group: 'gateway.networking.k8s.io',
  version: 'v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
}
const documents = (...texts: readonly string[]) => `${texts.join('\n---\n')}\n`

/** The files that examples name. */
const files: Readonly<Record<string, string>> = {
  'services.yaml': documents(...services),
  'split.yaml': split,
  'web.yaml': documents(...services, split),
  'istio.yaml': documents(...services, virtualService('web', 'web', route)),
  'routes.yaml': documents(...services, virtualService('web', 'web', route)),
  'httproutes-crd.yaml': documents(...meshCrds([httpRoute]).map((crd) => JSON.stringify(crd))),
  'db.yaml': documents(...database, virtualService('db', 'db, a.example.com', tls)),
}

const calls = await exampleCalls()
const tried = calls.filter(({ text }) => !(text in goOn) && !(text in parsedOnly))
const namespaces = ['default', 'shop']
const canaryKind: Kind = { group: 'examples.io', version: 'v1', kind: 'Canary', plural: 'canaries', namespaced: true }

describe('examples of the help', () => {
  let project: string
  let cluster: EmbeddedCluster
  let prometheus: Awaited<ReturnType<typeof startSteadyPrometheus>>
  const own: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    project = await canaryProject(import.meta.dirname)
    await appendFile(join(project, 'autopilot.yaml'), '  - name: approve\n    phases: [Shifting]\n')
    for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text)
    cluster = await deployed()
    prometheus = await startSteadyPrometheus(1)
  })
  afterAll(async () => {
    for (const close of own) await close()
    await cluster.close()
    await prometheus.stop()
    await rm(project, { recursive: true })
  })

  async function empty(): Promise<EmbeddedCluster> {
    const made = await embeddedCluster()
    for (const mesh of ['istio', 'linkerd']) await made.install(mesh)
    await made.client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
    return made
  }

  /** A cluster with the operator of the project, for itself and for a namespace, and a resource of its kind in two. */
  async function deployed(phase = 'Shifting'): Promise<EmbeddedCluster> {
    const made = await empty()
    for (const where of [[], ['-n', 'shop']]) {
      const { stderr } = await made.ap('deploy', 'registry.example/canary:0.9', project, ...where)
      expect(stderr).toBe('')
    }
    for (const namespace of namespaces) {
      const metadata = { name: 'web', namespace }
      const spec = { service: 'web', from: 'web-v1', to: 'web-v2' }
      await made.client.create(canaryKind, { apiVersion: 'examples.io/v1', kind: 'Canary', metadata, spec })
      const status = { phase, phaseHistory: [{ phase, entered: '2026-01-01T00:00:00Z' }] }
      const how = { type: 'merge', fieldManager: 'test', subresource: 'status' } as const
      await made.client.patch(canaryKind, metadata, { status }, how)
    }
    return made
  }

  /** Where a command finds what it is about; those that change it get one of their own. */
  async function worldOf({ command: { name }, text }: ExampleCall): Promise<{ cwd: string; kubeconfig: string }> {
    if (name === 'logs') {
      const logs = await startPodLogs({ a: '2026-01-01T00:00:00Z {"level":30,"msg":"operator started"}\n' })
      own.push(() => logs.close())
      return { cwd: project, kubeconfig: logs.kubeconfig }
    }
    if (name === 'generate' || name === 'switch') {
      const cwd = await mkdtemp(join(tmpdir(), 'ap-example-'))
      own.push(() => rm(cwd, { recursive: true }))
      await writeProject(cwd)
      if (text.includes('--check')) await callAp(['generate'], '', cwd)
      return { cwd, kubeconfig: cluster.kubeconfig }
    }
    if (name === 'deploy' || name === 'undeploy') {
      const another = await (name === 'deploy' ? empty() : deployed())
      own.push(() => another.close())
      if (name === 'undeploy' && !text.includes('--cascade'))
        for (const namespace of namespaces) await another.client.delete(canaryKind, { name: 'web', namespace })
      return { cwd: project, kubeconfig: another.kubeconfig }
    }
    if (name === 'retry') {
      const another = await deployed('RolledBack')
      own.push(() => another.close())
      return { cwd: project, kubeconfig: another.kubeconfig }
    }
    if (text === 'ap explain Evaluating') return { cwd: 'operators/canary', kubeconfig: cluster.kubeconfig }
    return { cwd: project, kubeconfig: cluster.kubeconfig }
  }

  test.each(tried.map((call) => [call.text, call] as const))('%s', async (_text, call) => {
    const { cwd, kubeconfig } = await worldOf(call)
    const args = call.args.map((arg) => arg.replace('http://localhost:9090', prometheus.url))
    // What completes writes to the process itself.
    const { code, stdout, stderr } =
      call.command.name === 'completion'
        ? await runAp(args, { cwd })
        : await callAp(args, documents(...services, split), cwd, undefined, { KUBECONFIG: kubeconfig })
    expect({ code, stderr, args }).toEqual({ code: 0, stderr: '', args })
    expect(stdout).not.toBe('')
    expect(stdout).not.toContain('\u001b')
  })

  test.each(calls.filter(({ text }) => text in parsedOnly).map((call) => [call.text, call] as const))(
    '%s is understood',
    async (_text, call) => {
      const outcome = { code: 0 }
      const definition = { ...call.definition, run: async () => 7 }
      const { stdout, stderr, env, cwd } = process
      const io = { stdout, stderr, env, cwd: cwd(), signal: new AbortController().signal }
      await program(io, outcome, [{ ...call.command, definition }]).parseAsync(call.args, { from: 'user' })
      expect(outcome.code).toBe(7)
    },
  )

  test('those that are treated apart are still there', () => {
    const texts = calls.map(({ text }) => text)
    expect(texts).toEqual(expect.arrayContaining([...Object.keys(goOn), ...Object.keys(parsedOnly)]))
  })
})

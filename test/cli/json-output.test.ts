import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jsonOutputReference } from '../../generators/json-output-reference.ts'
import { type CommandName, commandList } from '../../src/cli/command-list.ts'
import { loadCommand } from '../../src/cli/load-command.ts'
import { callAp } from '../support/call-ap.ts'
import type { EmbeddedCluster } from '../support/embedded-cluster.ts'
import { canaryKind, clusterWith, exampleProject } from '../support/example-world.ts'
import { jsonProblems, schemaOf } from '../support/json-output.ts'

/** Calls of every command that prints JSON, such that each form of it comes up. */
const calls: Readonly<Partial<Record<CommandName, readonly (readonly string[])[]>>> = {
  demo: [['--mesh', 'smi', '--scenario', 'bad,no-traffic']],
  generate: [['--check'], ['no-types']],
  lint: [
    ['--mesh', 'all'],
    ['-f', 'split.yaml'],
    ['-f', 'malformed.yaml'],
    ['-f', 'missing.yaml'],
  ],
  deploy: [['registry.example/canary:1']],
  status: [[], ['-n', 'shop']],
  get: [[], ['-A'], ['web']],
  pause: [['web'], ['web', '--reason', 'sale']],
  resume: [['web']],
  promote: [['web', '--reason', 'seen by QA']],
  abort: [['web']],
  retry: [['done', '-n', 'shop']],
  command: [
    ['approve', 'web'],
    ['pause', 'web'],
  ],
  doctor: [[], ['--kubeconfig', 'missing']],
  translate: [
    ['--to', 'istio', '-f', 'web.yaml'],
    ['--to', 'linkerd', '-f', 'treated.yaml', '--partial'],
  ],
  route: [
    ['--mesh', 'istio', '-f', 'web.yaml', '--request', 'GET http://web/'],
    ['--mesh', 'istio', '-f', 'treated.yaml', '--request', 'GET http://web/all'],
    ['--mesh', 'istio', '-f', 'treated.yaml', '--request', 'GET http://web/moved'],
    ['--mesh', 'istio', '-f', 'treated.yaml', '--request', 'GET http://web/nowhere'],
    ['--mesh', 'istio', '-f', 'treated.yaml', '--request', 'POST http://web/a.B/c', '--protocol', 'grpc'],
  ],
  capabilities: [[], ['linkerd']],
  explain: [
    ['AP2101'],
    ['circuitbreakers'],
    ['metrics'],
    ['deployments'],
    ['Shifting'],
    ['Promoted'],
    ['promote'],
    ['retry'],
  ],
  version: [[]],
}

/** Its JSON takes seconds to make; test/cli/build.test.ts holds it to the schema. */
const elsewhere: readonly CommandName[] = ['build']

/** Requests are treated in every way that a decision tells of. */
const treated = `
{ apiVersion: v1, kind: Service, metadata: { name: web }, spec: { ports: [{ name: http, port: 80 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: web-v2 }, spec: { ports: [{ name: http, port: 80 }] } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: [web]
  http:
    - match: [{ uri: { exact: /all } }]
      timeout: 1.5s
      retries: { attempts: 2, perTryTimeout: 1s, retryOn: 5xx }
      fault: { delay: { percentage: { value: 10 }, fixedDelay: 2s }, abort: { percentage: { value: 5 }, httpStatus: 503 } }
      mirror: { host: web-v2 }
      headers: { request: { set: { X-A: b } }, response: { remove: [x-c] } }
      rewrite: { uri: /other }
      route: [{ destination: { host: web }, weight: 50 }, { destination: { host: web-v2 }, weight: 50, headers: { request: { add: { x-d: e } } } }]
    - match: [{ uri: { exact: /moved } }]
      redirect: { uri: /there }
    - match: [{ uri: { prefix: /a.B } }]
      route: [{ destination: { host: web } }]
`

const hasJson = async (name: CommandName) => {
  const command = new Command()
  const { define } = await loadCommand(name)
  define(command)
  return command.options.some(({ long, description }) => long === '--output' && /\bjson\b/.test(description))
}
const printJson: CommandName[] = []
for (const { name } of commandList) if (await hasJson(name)) printJson.push(name)

describe('-o json', () => {
  let project: string
  let cluster: EmbeddedCluster
  beforeAll(async () => {
    project = await exampleProject(import.meta.dirname)
    await writeFile(join(project, 'treated.yaml'), treated)
    await writeFile(join(project, 'malformed.yaml'), 'apiVersion: v1\nkind: Service\nmetadata: { name: Web }\n')
    await mkdir(join(project, 'no-types', 'src'), { recursive: true })
    for (const name of ['autopilot.yaml', 'autopilot-operator.yaml'])
      await copyFile(join(project, name), join(project, 'no-types', name))
    await writeFile(join(project, 'no-types', 'src', 'spec.ts'), 'export const spec = 1\n')
    cluster = await clusterWith(project)
    const done = { name: 'done', namespace: 'shop' }
    const spec = { service: 'web', from: 'web-v1', to: 'web-v2' }
    await cluster.client.create(canaryKind, { apiVersion: 'examples.io/v1', kind: 'Canary', metadata: done, spec })
    const how = { type: 'merge', fieldManager: 'test', subresource: 'status' } as const
    await cluster.client.patch(canaryKind, done, { status: { phase: 'RolledBack' } }, how)
  }, 60_000)
  afterAll(async () => {
    await cluster.close()
    await rm(project, { recursive: true })
  })

  test('of every command that has it there is a schema, and a call below', async () => {
    const files = await readdir('schemas/output')
    expect(files.sort()).toEqual([...new Set(printJson.map((name) => `${schemaOf(name)}.schema.json`))].sort())
    expect([...Object.keys(calls), ...elsewhere].sort()).toEqual([...printJson].sort())
  })

  test('the page about it is that of the schemas', async () => {
    expect(await readFile('docs/reference/json-output.md', 'utf8')).toBe(await jsonOutputReference())
  })

  const cases = Object.entries(calls).flatMap(([name, all]) =>
    all.map((args) => [`${name} ${args.join(' ')}`, name, args] as const),
  )

  test.each(Object.entries(calls))('ap %s -o jsn names the format that was meant', async (name, [args = []]) => {
    const env = { KUBECONFIG: cluster.kubeconfig }
    const { code, stdout, stderr } = await callAp([name, ...args, '-o', 'jsn'], '', project, undefined, env)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^ap: -o jsn is not a format \(did you mean "json"\?\); there are /)
  })

  test.each(cases)('ap %s prints what its schema says', async (_call, name, args) => {
    const env = { KUBECONFIG: cluster.kubeconfig }
    const { stdout, stderr } = await callAp([name, ...args, '-o', 'json'], '', project, undefined, env)
    expect(stdout, stderr).not.toBe('')
    expect(jsonProblems(name, stdout)).toEqual([])
  })
})

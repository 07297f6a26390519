import { existsSync } from 'node:fs'
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { logLine } from '../../src/cli/dev/log-line.ts'
import { resourceLine } from '../../src/cli/dev/resource-line.ts'
import { httpService } from '../../src/testing/index.ts'
import { callAp } from '../support/call-ap.ts'
import { canaryProject } from '../support/canary-project.ts'
import { Background } from '../support/new-project/terminal.ts'

const ap = join(import.meta.dirname, '..', '..', 'bin', 'ap.js')

// In real time, as it runs a process: a busy machine may take its time.
describe('ap dev', { timeout: 120_000 }, () => {
  let folder: string
  let dev: Background

  beforeAll(async () => {
    folder = await canaryProject(import.meta.dirname)
    const world = [...httpService('web', 'web-v1'), ...httpService('web-v1'), ...httpService('web-v2')]
    await writeFile(join(folder, 'examples', 'web.yaml'), world.map((object) => stringify(object)).join('---\n'))
    const example = join(folder, 'examples', 'canary.yaml')
    await writeFile(
      example,
      (await readFile(example, 'utf8')).replace('to: web-v2', 'to: web-v2\n  step: 50\n  interval: 1s'),
    )
    const command = `exec ${process.execPath} ${ap} dev ${folder} --traffic web=50`
    dev = new Background(command, folder, { PATH: process.env['PATH'] })
  })
  afterAll(async () => {
    await dev.interrupt()
    await rm(folder, { recursive: true, force: true })
  })

  test('applies the kind and the examples, and shows how the resource goes on', async () => {
    await dev.until((printed) => /Canary web {2}Promoted {2}web-v1 0 : web-v2 100/.test(printed))
    expect(dev.printed).toMatch(/Canary web {2}Shifting {2}web-v1 50 : web-v2 50 .* Ready: /)
    await dev.until((printed) => printed.includes('info phase finished'))
    expect(dev.printed).toMatch(/info phase finished resource=default\/web phase=Shifting next=Promoted/)
  })

  test('serves the control plane to other programs', async () => {
    const [, file = ''] = /KUBECONFIG=(\S+)/.exec(dev.printed) ?? []
    const { clusters, users } = parse(await readFile(file, 'utf8'))
    const server = new URL(clusters[0].cluster.server)
    const answer = await fetch(`${server.origin}/apis/examples.io/v1/namespaces/default/canaries/web`, {
      headers: { authorization: `Bearer ${users[0].user.token}` },
    })
    expect(await answer.json()).toMatchObject({ kind: 'Canary', status: { phase: 'Promoted' } })
  })

  test('starts the operator again at a change, and survives code that does not load', async () => {
    await appendFile(join(folder, 'src', 'split.ts'), 'throw new Error("half written")\n')
    await dev.until((printed) => printed.includes('the operator ended with 1; it starts again when something changes'))
    expect(dev.printed).toContain('changed: src/split.ts')
    expect(dev.printed).toMatch(/AP6004 .*half written/)
    const split = join(folder, 'src', 'split.ts')
    await writeFile(split, (await readFile(split, 'utf8')).replace('throw new Error("half written")\n', ''))
    await dev.until((printed) => printed.split('operator started').length > 2)
  })

  test('moves to another control plane when the mesh changes, behind the same kubeconfig', async () => {
    const starts = dev.printed.split('operator started').length
    await writeFile(join(folder, 'autopilot-operator.yaml'), 'meshProvider: linkerd\n')
    await dev.until((printed) => printed.split('operator started').length > starts)
    expect(dev.printed).toContain('the mesh is linkerd now: a new control plane takes the place of this one')
    expect(dev.printed).toContain('A control plane with linkerd is running.')
    const files = [...dev.printed.matchAll(/KUBECONFIG=(\S+)/g)].map(([, file]) => file)
    expect(files).toEqual([files[0], files[0]])
    await dev.until((printed) => /Canary web {2}Promoted/.test(printed.split('with linkerd is running')[1] ?? ''))
  })

  test('renews the code when autopilot.yaml changes, and starts with it once', async () => {
    const file = join(folder, 'autopilot.yaml')
    const starts = dev.printed.split('operator started').length
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('verbs:', '  - name: Checking\n    next: [Promoted]\nverbs:'),
    )
    await dev.until((printed) => printed.split('operator started').length > starts)
    expect(dev.printed).toContain('renewed src/generated/phases.ts')
    expect(dev.printed).toContain('created src/workers/checking.ts')
    expect(await readFile(join(folder, 'src', 'generated', 'operator.ts'), 'utf8')).toContain('checking')
    expect(dev.printed).not.toContain('changed: src/generated')
    await writeFile(file, 'phases: {}\n')
    await dev.until((printed) => /AP1\d{3} .*phases/.test(printed))
  })

  test('cleans up when it is interrupted, and exits with 130', async () => {
    const [, file = ''] = /KUBECONFIG=(\S+)/.exec(dev.printed) ?? []
    expect(existsSync(file)).toBe(true)
    expect(await dev.interrupt()).toBe(130)
    expect(existsSync(file)).toBe(false)
  })
})

describe('ap dev is called wrongly', () => {
  test.each([
    [['--traffic', 'Web=x'], 'ap: --traffic Web=x is no Service with a rate: such as web, web=20 or web:8080=20\n'],
    [['--errors', 'web-v2'], 'ap: --errors web-v2 is no image with a share from 0 to 1: such as web-v2=0.2\n'],
    [['--errors', 'web-v2=2'], 'ap: --errors web-v2=2 is no image with a share from 0 to 1: such as web-v2=0.2\n'],
    [
      ['--cluster', '--traffic', 'web'],
      'ap: --traffic and --errors are simulated; a real cluster has requests of its own\n',
    ],
    [['-n', 'shop'], 'ap: --context and --namespace are about a real cluster: add --cluster\n'],
  ])('with %j', async (args, message) => {
    expect(await callAp(['dev', ...args])).toEqual({ code: 2, stdout: '', stderr: message })
  })

  test('in a folder that is no project', async () => {
    expect(await callAp(['dev', join(import.meta.dirname, 'nowhere')])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^AP1008 /),
    })
  })
})

test('a resource is one line, whatever its status holds', () => {
  const web = { apiVersion: 'v1', kind: 'Canary', metadata: { name: 'web' } }
  expect(resourceLine(web)).toBe('web  (new)')
  expect(resourceLine({ ...web, status: { phase: 3, conditions: 'x', outputs: { trafficsplits: [1] } } })).toBe(
    'web  (new)',
  )
  const conditions = [{ type: 'Ready', status: 'False', reason: 'Blocked', message: 'no Deployment' }]
  expect(resourceLine({ ...web, status: { phase: 'Shifting', conditions } })).toBe(
    'web  Shifting  not Ready: no Deployment',
  )
})

test('a line of the log is for people, and what is no log line stays as it is', () => {
  expect(logLine('{"level":40,"time":1,"msg":"sync failed","resource":"shop/web","err":{"message":"no way"}}')).toBe(
    'warn sync failed resource=shop/web err="no way"',
  )
  expect(logLine('hello')).toBe('hello')
  expect(logLine('{"a":1}')).toBe('{"a":1}')
})

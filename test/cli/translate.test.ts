import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'
import { runAp } from '../support/run-ap.ts'
import { documents } from './support/documents.ts'
import { canary, service, split, translate, translated, virtualService, web } from './support/translate.ts'

test('a group has the versions of all of its definitions among the files', async () => {
  const crd = (plural: string, kind: string, version: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.networking.istio.io }
spec: { group: networking.istio.io, names: { kind: ${kind} }, versions: [{ name: ${version}, served: true }] }`
  const definitions = [
    crd('virtualservices', 'VirtualService', 'v1beta1'),
    crd('envoyfilters', 'EnvoyFilter', 'v1alpha3'),
  ]
  const [route] = await translated(
    'istio',
    documents(web, service('web-v1'), service('web-v2'), canary, ...definitions),
  )
  expect(route).toMatchObject({ kind: 'VirtualService', apiVersion: 'networking.istio.io/v1beta1' })
})

test('the release of the Gateway API that is among the files decides what can be written', async () => {
  const retried = virtualService(
    '\n- { route: [{ destination: { host: web } }], retries: { attempts: 2, retryOn: "503" } }',
  )
  const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: httproutes.gateway.networking.k8s.io
  annotations: { gateway.networking.k8s.io/bundle-version: v1.6.0, gateway.networking.k8s.io/channel: experimental }
spec: { group: gateway.networking.k8s.io, names: { kind: HTTPRoute }, versions: [{ name: v1, served: true }] }`
  const refused = await translate('gateway-api', documents(web, retried))
  expect(refused).toMatchObject({ code: 1, stderr: [expect.stringContaining('install the Experimental channel')] })
  const [route] = await translated('gateway-api', documents(web, retried, crd))
  expect(route?.spec.rules[0].retry).toEqual({ codes: [503], attempts: 2 })
})

test('a redirect with 308 is written for the newest Gateway API, and refused for one that does not have it', async () => {
  const moved = virtualService('\n- redirect: { authority: x.com, redirectCode: 308 }')
  const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: httproutes.gateway.networking.k8s.io
  annotations: { gateway.networking.k8s.io/bundle-version: v1.4.0, gateway.networking.k8s.io/channel: standard }
spec: { group: gateway.networking.k8s.io, names: { kind: HTTPRoute }, versions: [{ name: v1, served: true }] }`
  const [route] = await translated('gateway-api', documents(web, moved))
  expect(route?.spec.rules[0].filters[0].requestRedirect).toEqual({ hostname: 'x.com', statusCode: 308 })
  for (const [mesh, ...files] of [['gateway-api', web, moved, crd] as const, ['linkerd', web, moved] as const]) {
    const { code, stderr } = await translate(mesh, documents(...files))
    expect({ code, stderr }).toEqual({ code: 1, stderr: [expect.stringMatching(/a redirect with a status other/)] })
  }
})

describe('ap translate', () => {
  test('reads Lists and JSON, and gives a namespace to what has none', async () => {
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } },
        {
          apiVersion: 'split.smi-spec.io/v1alpha4',
          kind: 'TrafficSplit',
          metadata: { name: 'web' },
          spec: { service: 'web', backends: [{ service: 'a', weight: 1 }] },
        },
      ],
    })
    expect((await translated('linkerd', list))[0].metadata.namespace).toBe('default')
    expect((await translated('linkerd', list, '--namespace', 'pay'))[0].metadata.namespace).toBe('pay')
  })

  test('prints a List with -o json', async () => {
    const { stdout } = await translate('smi', documents(canary, web), '-o', 'json')
    expect(JSON.parse(stdout)).toMatchObject({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'TrafficSplit' }] })
  })

  test('quotes what YAML 1.1 would take for something else', async () => {
    const object = split(
      '{ service: web, matches: [{ headers: [{ name: x, exact: "yes" }] }], backends: [{ service: a, weight: 1 }] }',
      'mesh-autopilot.dev/v1',
    )
    expect((await translate('gateway-api', documents(object, web))).stdout).toContain('value: "yes"')
  })

  test.each<[string, string[], string]>([
    ['no target', ['-f', '-'], 'name a mesh with --to: istio, linkerd, smi, gateway-api'],
    ['an unknown target', ['--to', 'linkered', '-f', '-'], '--to linkered is not a mesh (did you mean "linkerd"?)'],
    ['no file', ['--to', 'smi'], 'name a file with -f, or - for standard input'],
    [
      'a namespace that is none',
      ['--to', 'smi', '-f', '-', '--namespace', 'A'],
      '--namespace A is no name of a namespace',
    ],
    [
      'a format that is none',
      ['--to', 'smi', '-f', '-', '-o', 'toml'],
      '-o toml is not a format; there are yaml, json',
    ],
    ['an unknown option', ['--too', 'smi'], "unknown option '--too'\n(Did you mean --to?)"],
  ])('%s is a wrong call and exits with 2', async (_what, args, message) => {
    const { code, stdout, stderr } = await callAp(['translate', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  test('explains itself with examples', async () => {
    expect((await runAp(['translate', '--help'])).stdout).toContain('Examples:\n  ap translate --to gateway-api')
  })
})

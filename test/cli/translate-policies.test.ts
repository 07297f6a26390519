import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { stringify } from 'yaml'
import {
  declaredPorts,
  generatedWorkloads,
  workloadAccess,
  workloadsFor,
} from '../../src/adapter-kit/access-arbitraries.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { checkAccess } from '../../src/mesh/access-check.ts'
import { normalAccess, withPortsNamed } from '../../src/mesh/access-normal-form.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { istio, istioAmbient, linkerd, smi } from '../adapters/adapters.ts'
import { callAp } from '../support/call-ap.ts'
import { documents } from './support/documents.ts'
import { translate } from './support/translate.ts'

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      serviceAccountName: web
      containers:
        - name: web
          ports: [{ name: http, containerPort: 8080 }, { containerPort: 9090 }]
          livenessProbe: { httpGet: { path: /healthz, port: http } }`
const target = `
apiVersion: access.smi-spec.io/v1alpha3
kind: TrafficTarget
metadata: { name: web-api, namespace: shop }
spec:
  destination: { kind: ServiceAccount, name: web, namespace: shop }
  rules: [{ kind: TCPRoute, name: web }, { kind: HTTPRouteGroup, name: web, matches: [api] }]
  sources: [{ kind: ServiceAccount, name: client, namespace: shop }]
---
apiVersion: specs.smi-spec.io/v1alpha4
kind: TCPRoute
metadata: { name: web, namespace: shop }
spec: { matches: { ports: [8080] } }
---
apiVersion: specs.smi-spec.io/v1alpha4
kind: HTTPRouteGroup
metadata: { name: web, namespace: shop }
spec: { matches: [{ name: api, pathRegex: /api, methods: [GET] }, { name: all, pathRegex: '.*' }] }`
const authorizationPolicy = (spec: string, name = 'web') => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${name}, namespace: shop }
spec: ${spec}`
const strict = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: web, namespace: shop }
spec: { selector: { matchLabels: { app: web } }, mtls: { mode: STRICT } }`

describe('on Kuma', () => {
  const peer = `
apiVersion: mesh-autopilot.dev/v1
kind: TrafficTarget
metadata: { name: web, namespace: shop }
spec: { destination: { kind: ServiceAccount, name: web }, sources: [{ kind: ServiceAccount, name: client }] }`

  test('callers have the trust domain that is given, and are read back whatever it is', async () => {
    const files = documents(deployment, peer, strict)
    const { objects, stderr } = await translate('kuma', files, '--trust-domain', 'default.zone-1.mesh.local')
    expect(stderr).toEqual([])
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'MeshTrafficPermission web',
      'MeshTLS web',
    ])
    const [allowed] = objects[0].spec.rules[0].default.allow
    expect(allowed.spiffeID.value).toBe('spiffe://default.zone-1.mesh.local/ns/shop/sa/client')
    const back = await translate('istio', documents(deployment, ...objects.map((one) => stringify(one))))
    expect(back).toMatchObject({ code: 0, stderr: [] })
    expect(back.objects).toMatchObject([
      { kind: 'AuthorizationPolicy', spec: { rules: [{ from: [{ source: { serviceAccounts: ['shop/client'] } }] }] } },
      { kind: 'PeerAuthentication', spec: { mtls: { mode: 'STRICT' } } },
    ])
    expect(await callAp(['translate', '--to', 'kuma', '--trust-domain', 'no domain', '-f', '-'], peer)).toMatchObject({
      code: 2,
      stderr: 'ap: --trust-domain no domain is not a trust domain, such as cluster.local\n',
    })
  })
})

describe('a TrafficTarget', () => {
  test('becomes an AuthorizationPolicy for the labels of the Deployment', async () => {
    const { objects, code, stderr } = await translate('istio', documents(target, deployment))
    expect({ code, stderr }).toEqual({ code: 0, stderr: [] })
    expect(objects).toMatchObject([
      {
        kind: 'AuthorizationPolicy',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          action: 'ALLOW',
          rules: [
            {
              from: [{ source: { serviceAccounts: ['shop/client'] } }],
              to: [{ operation: { ports: ['8080'], methods: ['GET'], paths: ['/api*'] } }],
            },
          ],
        },
      },
    ])
  })

  test('shuts every declared port on Linkerd, and keeps the health check open', async () => {
    const { objects } = await translate('linkerd', documents(target, deployment))
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(names).toEqual([
      'MeshTLSAuthentication web-8080-grant-1',
      'NetworkAuthentication web-8080-probes',
      'HTTPRoute web-8080-grant-1',
      'HTTPRoute web-8080-probes',
      'AuthorizationPolicy web-8080-grant-1',
      'AuthorizationPolicy web-8080-probes',
      'Server web-8080',
      'Server web-9090',
    ])
    expect(objects[3].spec.rules).toEqual([
      { matches: [{ path: { type: 'Exact', value: '/healthz' }, method: 'GET' }] },
    ])
  })

  test('is refused without the Deployment, with its place and what to do', async () => {
    expect(await translate('istio', target)).toMatchObject({
      code: 1,
      stderr: [expect.stringMatching(/^stdin:4:19 AP2170 istio names pods by their labels.* give it with -f\.$/)],
    })
  })

  test('needs no Deployment to stay what it is', async () => {
    const { code, objects } = await translate('smi', target)
    expect(code).toBe(0)
    expect(objects.map(({ kind }) => kind)).toEqual(['HTTPRouteGroup', 'TCPRoute', 'TrafficTarget'])
  })

  test('cannot be said in the Gateway API, which is told once for each feature', async () => {
    const { code, stderr } = await translate('gateway-api', documents(target, deployment))
    expect(code).toBe(1)
    expect(stderr[0]).toContain('AP2101 gateway-api cannot carry an access policy asked of ServiceAccount shop/web')
  })
})

describe('people’s AuthorizationPolicies', () => {
  test('with labels go to SMI by the ServiceAccount of the Deployment', async () => {
    const policy = authorizationPolicy(
      '{ selector: { matchLabels: { app: web } }, rules: [{ from: [{ source: { principals: [cluster.local/ns/a/sa/b] } }] }] }',
    )
    const { objects } = await translate('smi', documents(policy, deployment))
    expect(objects[1]).toMatchObject({
      kind: 'TrafficTarget',
      spec: {
        destination: { name: 'web' },
        sources: [{ namespace: 'a', name: 'b' }],
        rules: [{ kind: 'TCPRoute' }],
      },
    })
    expect(await translate('smi', policy)).toMatchObject({ code: 1, stderr: [expect.stringContaining('AP2172')] })
  })

  test('keep their labels on Istio without a Deployment', async () => {
    const policy = authorizationPolicy(
      '{ selector: { matchLabels: { app: web } }, rules: [{ from: [{ source: { serviceAccounts: [a/b] } }] }] }',
    )
    const { code, objects } = await translate('istio', policy)
    expect(code).toBe(0)
    expect(objects).toMatchObject([{ spec: { selector: { matchLabels: { app: 'web' } } } }])
  })

  test('that refuse are told by field, and nothing of their namespace is printed, not even with --partial', async () => {
    const deny = authorizationPolicy(
      '{ action: DENY, rules: [{ to: [{ operation: { methods: [DELETE] } }] }] }',
      'deny',
    )
    const allow = authorizationPolicy('{ rules: [{ from: [{ source: { serviceAccounts: [a/b] } }] }] }')
    const result = await translate('istio', documents(deny, allow), '--partial')
    expect(result.objects).toEqual([])
    expect(result.stderr.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'stdin:4:19 AP2178',
      'stdin:5:9 AP7102',
      'stdin:5:31 AP7102',
    ])
  })

  test('that a webhook refuses are refused', async () => {
    const wrong = authorizationPolicy('{ rules: [{ from: [] }, { to: [{ operation: { ports: [http] } }] }] }')
    const { stderr } = await translate('istio', wrong)
    expect(stderr).toHaveLength(2)
    expect(stderr[0]).toContain('AP7003 AuthorizationPolicy shop/web: spec.rules[0].from: it must have an entry')
    expect(stderr[1]).toContain('"http" is no port number')
  })
})

describe('mutual TLS', () => {
  test('as a must becomes a Server for each declared port on Linkerd, and comes back as it was', async () => {
    const { objects } = await translate('linkerd', documents(strict, deployment))
    expect(objects.map(({ kind, spec }) => [kind, spec.port, spec.accessPolicy])).toEqual([
      ['Server', 8080, 'all-authenticated'],
      ['Server', 9090, 'all-authenticated'],
    ])
    const back = await translate('istio', documents(deployment, ...objects.map((object) => stringify(object))))
    expect(back.objects).toMatchObject([{ kind: 'PeerAuthentication', spec: { mtls: { mode: 'STRICT' } } }])
  })

  test('of a whole namespace, or turned off, cannot be said on Linkerd', async () => {
    const { stderr } = await translate('linkerd', strict.replace('selector: { matchLabels: { app: web } }, ', ''))
    expect(stderr).toEqual([expect.stringContaining('AP2101 linkerd cannot carry mutual TLS of a whole namespace')])
    const off = await translate('linkerd', documents(strict.replace('STRICT', 'DISABLE'), deployment))
    expect(off.stderr).toEqual([expect.stringContaining('cannot carry mutual TLS turned off')])
  })

  test('beside an access policy is left out on Linkerd, where a port has one Server', async () => {
    const { stderr } = await translate('linkerd', documents(target, strict, deployment))
    expect(stderr).toEqual([expect.stringContaining('mutual TLS of pods that have an access policy')])
  })
})

/** The generated workloads as objects. */
const deployments = generatedWorkloads.in('shop').map(
  ({ name, namespace, serviceAccount, selector, labels, portNames, probes }): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: selector },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: serviceAccount,
          containers: [
            {
              name: 'app',
              ports: Object.entries(portNames).map(([called, containerPort]) => ({ name: called, containerPort })),
              livenessProbe: { httpGet: { path: probes[0]?.path, port: probes[0]?.port } },
              readinessProbe: { grpc: { port: probes[1]?.port } },
            },
          ],
        },
      },
    },
  }),
)
/** Where waypoints decide they have to be known, and so have the Services that lead there. */
const surroundings = (mesh: MeshAdapter) => workloadsFor(mesh).beside?.('shop') ?? []
const controlling = [istio, istioAmbient, linkerd, smi]
const pairs = controlling.flatMap((a) => controlling.map((b) => [a.name, b.name, a, b] as const))

test.each(pairs)('what is written for %s comes back from %s by way of files', async (_a, _b, a, b) => {
  const [ofA, ofB] = [workloadsFor(a), workloadsFor(b)]
  const both = workloadAccess(a.capabilities).filter((access) =>
    [a, b].every((mesh) => checkAccess(access, mesh, workloadsFor(mesh)).length === 0),
  )
  const around = surroundings([b, a].find(({ enrollment }) => enrollment !== undefined) ?? b)
  const text = (objects: readonly KubeObject[]) =>
    documents(...[...deployments, ...around, ...objects].map((object) => stringify(object, { compat: 'yaml-1.1' })))
  const comparable = (access: Parameters<typeof normalAccess>[0]) => normalAccess(withPortsNamed(access, declaredPorts))
  await fc.assert(
    fc.asyncProperty(both, async (access) => {
      const there = await translate(b.name, text(a.access?.translate(access, ofA) ?? []))
      expect(there.stderr).toEqual([])
      const back = b.access?.observe(there.objects, ofB).accesses.map(comparable)
      expect(back).toEqual([comparable(access)])
    }),
    { numRuns: 15 },
  )
})

describe('a neutral policy', () => {
  const neutral = (kind: string, spec: string, name = 'web') => `
apiVersion: mesh-autopilot.dev/v1
kind: ${kind}
metadata: { name: ${name}, namespace: shop }
spec: ${spec}`
  const who = `destination: { kind: ServiceAccount, name: web }, sources: [{ kind: ServiceAccount, name: client }]`
  const access = documents(
    neutral('TrafficTarget', `{ ${who}, rules: [{ kind: TCPRoute, name: web }, { kind: HTTPRouteGroup, name: web }] }`),
    neutral('TCPRoute', '{ matches: { ports: [8080] } }'),
    neutral('HTTPRouteGroup', '{ matches: [{ name: api, path: { prefixString: /api }, methods: [GET] }] }'),
  )

  test('means on Istio what an AuthorizationPolicy and a PeerAuthentication say', async () => {
    const mtls = neutral('MtlsPolicy', '{ workload: { labels: { app: web } }, mode: strict }')
    const { objects, stderr } = await translate('istio', documents(deployment, access, mtls))
    expect(stderr).toEqual([])
    expect(objects).toMatchObject([
      {
        kind: 'AuthorizationPolicy',
        spec: { rules: [{ to: [{ operation: { ports: ['8080'], paths: ['/api*'], methods: ['GET'] } }] }] },
      },
      { kind: 'PeerAuthentication', spec: { selector: { matchLabels: { app: 'web' } }, mtls: { mode: 'STRICT' } } },
    ])
  })

  test.each(['linkerd', 'smi', 'istio'])('means on %s what the SMI TrafficTarget means', async (mesh) => {
    const own = await translate(mesh, documents(deployment, access))
    const other = await translate(mesh, documents(deployment, target))
    expect(own.stderr).toEqual([])
    expect(own.objects.length).toBeGreaterThan(0)
    if (mesh !== 'smi') expect(own.objects).toEqual(other.objects)
  })

  test('that is malformed, or names what is not there, keeps the policies of its namespace back', async () => {
    const other = neutral('MtlsPolicy', '{ mode: permissive }', 'all')
    const strictly = neutral('MtlsPolicy', '{ workload: { labels: { app: web } }, mode: STRICT }')
    const bad = await translate('istio', documents(deployment, other, strictly), '--partial')
    expect(bad.objects).toEqual([])
    expect(bad.stderr).toEqual([
      expect.stringMatching(/AP2178 the mutual TLS of all pods of shop is not translated/),
      expect.stringMatching(/AP2104 MtlsPolicy web is malformed: `mode` is STRICT/),
    ])
    const lost = await translate(
      'istio',
      neutral('TrafficTarget', `{ ${who}, rules: [{ kind: TCPRoute, name: none }] }`),
    )
    expect(lost.code).toBe(1)
    expect(lost.stderr).toEqual([expect.stringMatching(/AP2162 TrafficTarget web refers to the TCPRoute none/)])
  })

  test('is refused where the mesh has no such thing', async () => {
    const { code, objects, stderr } = await translate('gateway-api', documents(deployment, access))
    expect({ code, objects }).toEqual({ code: 1, objects: [] })
    expect(stderr[0]).toMatch(/AP2101 gateway-api cannot carry an access policy/)
  })
})

import fc from 'fast-check'
import type { AccessGrant, WorkloadAccess } from '../mesh/access.ts'
import type { AccessCall } from '../mesh/access-decision.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { AccessFeature, Capabilities } from '../mesh/capabilities.ts'
import type { HeaderMatch, HttpMatch, PathMatch } from '../mesh/match.ts'
import { type MtlsPolicy, mtlsModes } from '../mesh/mtls.ts'
import type { Workload, WorkloadDirectory } from '../mesh/workloads.ts'

const declared = [8080, 9090]

function workload(name: string, serviceAccount: string, track = 'stable'): Workload {
  return {
    namespace: 'shop',
    name,
    serviceAccount,
    selector: { app: serviceAccount, track },
    labels: { app: serviceAccount, track, tier: 'web' },
    ports: declared,
    portNames: { http: 8080, grpc: 9090 },
    annotations: { 'config.linkerd.io/default-inbound-policy': 'all-unauthenticated' },
    probes: [
      { port: 8080, method: 'GET', path: '/healthz' },
      { port: 9090, method: 'POST', path: '/grpc.health.v1.Health/Check' },
    ],
  }
}

/** Two Deployments of `web`, one of `api`. */
export const generatedWorkloads: WorkloadDirectory = {
  in: (namespace) =>
    namespace === 'shop'
      ? [workload('web-v1', 'web'), workload('web-v2', 'web', 'canary'), workload('api', 'api')]
      : [],
}
const services = ['web', 'api'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: {
    selector: { app: name },
    ports: [
      { name: 'http', port: 80, targetPort: 'http' },
      { name: 'grpc', port: 9090 },
    ],
  },
}))

/** The same, with a Service for each ServiceAccount, in a namespace that the adapter’s mesh looks after. */
export function workloadsFor({ enrollment }: Pick<MeshAdapter, 'enrollment'>): WorkloadDirectory {
  const labels = { ...enrollment?.namespaceLabels }
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } }
  return { ...generatedWorkloads, beside: (name) => (name === 'shop' ? [namespace, ...services] : []) }
}

/** The ports that these declare. */
export const declaredPorts: readonly number[] = declared

/** Access of the features that a table does not call unsupported; of every feature without a table. */
export function workloadAccess(capabilities?: Capabilities): fc.Arbitrary<WorkloadAccess> {
  const supports = (feature: AccessFeature) =>
    capabilities === undefined || capabilities[feature].support !== 'unsupported'
  const source = fc.constantFrom(
    { namespace: 'shop', name: 'client' },
    { namespace: 'shop', name: 'admin' },
    { namespace: 'ops', name: 'prometheus' },
  )
  const grant = fc
    .record({
      sources: fc.uniqueArray(source, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
      ports: supports('accessPorts')
        ? fc.option(fc.subarray(declared, { minLength: 1 }), { nil: undefined })
        : fc.constant(undefined),
      matches: supports('accessHttp')
        ? fc.option(fc.array(accessMatch(supports), { minLength: 1, maxLength: 3 }), { nil: undefined })
        : fc.constant(undefined),
    })
    .map(({ sources, ports, matches }) => ({ sources, ...(ports && { ports }), ...(matches && { matches }) }))
  return fc
    .record({
      serviceAccount: fc.constantFrom('web', 'api'),
      ports: supports('accessSomePorts')
        ? fc.option(fc.subarray(declared, { minLength: 1, maxLength: 1 }), { nil: undefined })
        : fc.constant(undefined),
      grants: fc.array(grant, { minLength: supports('accessNobody') ? 0 : 1, maxLength: 4 }),
    })
    .map(({ serviceAccount, ports, grants }): WorkloadAccess => {
      // A grant for a port that the policy leaves alone says nothing.
      const own = grants.flatMap((one, index): AccessGrant[] => {
        const kept = ports && one.ports ? one.ports.filter((port) => ports.includes(port)) : one.ports
        return kept?.length === 0 ? [] : [{ ...one, name: `g${index + 1}`, ...(kept && { ports: kept }) }]
      })
      return { destination: { namespace: 'shop', serviceAccount }, ...(ports && { ports }), grants: own }
    })
    .filter(({ grants }) => supports('accessNobody') || grants.length > 0)
}

function accessMatch(supports: (feature: AccessFeature) => boolean): fc.Arbitrary<HttpMatch> {
  const text = fc.constantFrom('/a', '/a/b', '/ab', '/c', '/')
  const paths: fc.Arbitrary<PathMatch>[] = [
    text.map((exact) => ({ exact })),
    text.map((prefixPath) => ({ prefixPath })),
    text.map((prefixString) => ({ prefixString })),
  ]
  const regexes = [
    ...(supports('accessSuffix') ? ['.*\\.js', '.*/b'] : []),
    ...(supports('accessSegments') ? ['/a/[^/]+', '/[^/]+/b\\.c/[^/]+'] : []),
    ...(supports('accessPathRegex') ? ['/[a-z]+', '/a|/ab'] : []),
    '/a.*',
    '/a\\.b',
  ]
  paths.push(fc.constantFrom(...regexes).map((regex) => ({ regex })))
  if (supports('accessLiteralStar')) paths.push(fc.constant({ exact: '/a*' }))
  const name = fc.constantFrom('x-a', 'X-B')
  const value = fc.constantFrom('yes', 'no', 'yes-no')
  const headers: fc.Arbitrary<HeaderMatch>[] = [
    fc.record({ name, exact: value }),
    fc.record({ name, prefix: value }),
    fc.record({ name, present: fc.constant(true as const) }),
  ]
  if (supports('accessSuffix')) headers.push(fc.record({ name, regex: fc.constantFrom('.*es', '.*-no') }))
  if (supports('accessHeaderRegex')) headers.push(fc.record({ name, regex: fc.constantFrom('yes|no', 'y.s') }))
  if (supports('accessHeaderAbsent')) headers.push(fc.record({ name, absent: fc.constant(true as const) }))
  const optional = <Value>(wanted: boolean, one: fc.Arbitrary<Value>) =>
    wanted ? fc.option(one, { nil: undefined, freq: 2 }) : fc.constant(undefined)
  return fc
    .record({
      path: fc.option(fc.oneof(...paths), { nil: undefined, freq: 3 }),
      methods: optional(true, fc.subarray(['GET', 'POST', 'PUT'], { minLength: 1, maxLength: 2 })),
      headers: optional(
        supports('accessHeaders'),
        fc.uniqueArray(fc.oneof(...headers), {
          minLength: 1,
          maxLength: 2,
          ...(!supports('accessRepeatedName') && { selector: (header: HeaderMatch) => header.name.toLowerCase() }),
        }),
      ),
      cookies: optional(supports('accessCookies'), fc.constant([{ name: 'u', exact: 'yes' }])),
      queryParams: optional(supports('accessQuery'), fc.constant([{ name: 'q', exact: '1' }])),
    })
    .map((match) => Object.fromEntries(Object.entries(match).filter(([, part]) => part !== undefined)) as HttpMatch)
    .filter((match) => Object.keys(match).length > 0)
}

/** Mutual TLS of the pods of `web`, of a part of them, or of the namespace. */
export function mtlsPolicy(capabilities: Capabilities): fc.Arbitrary<MtlsPolicy> {
  const supports = (feature: AccessFeature) => capabilities[feature].support !== 'unsupported'
  const features = { strict: 'mtlsStrict', permissive: 'mtlsPermissive', disable: 'mtlsDisable' } as const
  const mode = fc.constantFrom(...mtlsModes.filter((one) => supports(features[one])))
  const ports = fc.dictionary(fc.constantFrom('8080', '9090'), mode, { maxKeys: 2 })
  const policy = fc.record({
    namespace: fc.constant('shop'),
    labels: fc.constantFrom(
      { app: 'web' },
      { app: 'web', track: 'canary' },
      ...(supports('mtlsNamespace') ? [{}] : []),
    ),
    mode,
    ports: supports('mtlsPort') ? ports.map((one) => ({ ...one })) : fc.constant({}),
  })
  // Ports are for policies with labels.
  return policy.map((one) => (Object.keys(one.labels).length === 0 ? { ...one, ports: {} } : one))
}

/** A call by one of the sources that grants name, or by somebody else, to pods of `web` or `api`. */
export function accessCall(): fc.Arbitrary<AccessCall> {
  const sources = [
    { namespace: 'shop', name: 'client' },
    { namespace: 'shop', name: 'admin' },
    { namespace: 'ops', name: 'prometheus' },
    { namespace: 'ops', name: 'client' },
  ]
  const values = fc.constantFrom('yes', 'no', 'yes-no', '')
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'DELETE'),
    path: fc.constantFrom('/', '/a', '/a/b', '/ab', '/a/b.js', '/c', '/a*', '/x/b.c/y', '/a.b', '/axb'),
    headers: fc
      .dictionary(fc.constantFrom('x-a', 'x-b'), values)
      .chain((headers) =>
        fc.constantFrom(undefined, 'u=yes', 'v=1; u=no').map((cookie) => ({ ...headers, ...(cookie && { cookie }) })),
      ),
    query: fc.constantFrom<Record<string, string>>({}, { q: '1' }, { q: '2' }),
  })
  return fc.record({
    source: fc.constantFrom(...sources),
    pod: fc.constantFrom(...generatedWorkloads.in('shop')),
    port: fc.constantFrom(...declared),
    request: fc.option(request, { nil: undefined, freq: 6 }),
  })
}

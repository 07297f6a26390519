import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { translate as translateText } from './support/translate.ts'

const translate = (target: string, ...all: string[]) => translateText(target, documents(...all))

const service = (name: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: http }] }`
const deployment = (name: string, annotations = 'config.linkerd.io/default-inbound-policy: cluster-authenticated') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} }, annotations: { ${annotations} } }
    spec: { serviceAccountName: ${name}, containers: [{ name: web, ports: [{ name: http, containerPort: 8080 }] }] }`
const limit = (name: string, requestsPerSecond = 100) => `
apiVersion: mesh-autopilot.dev/v1
kind: RateLimit
metadata: { name: ${name}, namespace: shop }
spec: { service: ${name}, requestsPerSecond: ${requestsPerSecond}, perClient: 20 }`
const canary = `
apiVersion: mesh-autopilot.dev/v1
kind: TrafficSplit
metadata: { name: web, namespace: shop }
spec: { service: web, backends: [{ service: v1, weight: 90 }, { service: v2, weight: 10 }] }`
const access = `
apiVersion: mesh-autopilot.dev/v1
kind: TrafficTarget
metadata: { name: web, namespace: shop }
spec: { destination: { kind: ServiceAccount, name: web }, sources: [{ kind: ServiceAccount, name: client }] }`
const server = (spec: string) => `
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: { name: web-http, namespace: shop }
spec: ${spec}`
const policy = (spec: string) => `
apiVersion: policy.linkerd.io/v1alpha1
kind: HTTPLocalRateLimitPolicy
metadata: { name: web, namespace: shop }
spec: { targetRef: { group: policy.linkerd.io, kind: Server, name: web-http }, ${spec} }`
const known = [service('web'), deployment('web')]

describe('a rate limit for Linkerd', () => {
  test('is one of a Server that lets in whom the pods let in without it, and is the same when it is read again', async () => {
    const { code, objects, stdout } = await translate('linkerd', ...known, limit('web'))
    expect(code).toBe(0)
    expect(objects.map(({ kind, spec }) => [kind, spec])).toEqual([
      ['Server', { podSelector: { matchLabels: { app: 'web' } }, port: 8080, accessPolicy: 'cluster-authenticated' }],
      [
        'HTTPLocalRateLimitPolicy',
        {
          targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: 'web-8080' },
          total: { requestsPerSecond: 100 },
          identity: { requestsPerSecond: 20 },
        },
      ],
    ])
    expect((await translate('linkerd', ...known, stdout)).stdout).toBe(stdout)
  })

  test('goes by the Namespace among the files where the pods themselves say nothing', async () => {
    const namespace = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, annotations: { config.linkerd.io/default-inbound-policy: all-authenticated } }`
    const { objects } = await translate('linkerd', namespace, service('web'), deployment('web', ''), limit('web'))
    expect(objects.find(({ kind }) => kind === 'Server')?.spec).toMatchObject({ accessPolicy: 'all-authenticated' })
  })

  test('shares the Server of an access policy', async () => {
    const { objects } = await translate('linkerd', service('web'), deployment('web', ''), limit('web'), access)
    const kinds = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(kinds.filter((one) => /^(Server|HTTPLocal)/.test(one))).toEqual([
      'Server web-8080',
      'HTTPLocalRateLimitPolicy web-8080',
    ])
    expect(objects.find(({ kind }) => kind === 'Server').spec).not.toHaveProperty('accessPolicy')
  })

  test('is on the pods that get the requests of a split', async () => {
    const pods = ['v1', 'v2'].flatMap((name) => [service(name), deployment(name)])
    const { code, objects } = await translate('linkerd', ...known, ...pods, canary, limit('web'))
    expect(code).toBe(0)
    const limited = objects.filter(({ kind }) => kind === 'HTTPLocalRateLimitPolicy')
    expect(limited.map(({ metadata }) => metadata.name)).toEqual(['v1-8080', 'v2-8080'])
  })

  test.each<[string, string[], string]>([
    [
      'pods that do not say who may call them',
      [service('web'), deployment('web', ''), limit('web')],
      'neither these pods nor their namespace say who may. Say it in traffictargets',
    ],
    ['pods that are not known', [service('web'), limit('web')], 'no Deployment of the pods of shop/web is known'],
    [
      'a port that the pods do not name',
      [service('web'), deployment('web').replace('name: http', 'name: other'), limit('web')],
      'web declares no port http for shop/web',
    ],
    [
      'a port whose protocol is not looked at',
      [service('web'), deployment('web', 'config.linkerd.io/opaque-ports: "25,8000-8080"'), limit('web')],
      'web or its namespace says by config.linkerd.io/opaque-ports that there are no requests on it',
    ],
    [
      'pods in another namespace',
      [
        ...known,
        service('api').replace('namespace: shop', 'namespace: pay'),
        limit('web'),
        `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec:
  parentRefs: [{ group: "", kind: Service, name: web, port: 80 }]
  rules: [{ backendRefs: [{ name: api, namespace: pay, port: 80 }] }]`,
      ],
      'the pods of pay/api are in another namespace',
    ],
    [
      'two Services with the same pods',
      [...known, service('twin').replace('app: twin', 'app: web'), limit('web'), limit('twin', 7000)],
      'AP2196 shop/twin and shop/web ask for different rate limits',
    ],
  ])('is refused for %s', async (_what, documents, message) => {
    const { code, stderr, stdout } = await translate('linkerd', ...documents)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toEqual([expect.stringContaining(message)])
  })
})

describe('rate limits of Linkerd', () => {
  const theirs = server('{ podSelector: { matchLabels: { app: web } }, port: http, accessPolicy: all-unauthenticated }')

  test('are read as those of the Service whose pods they are about', async () => {
    const { stderr } = await translate('smi', ...known, theirs, policy('total: { requestsPerSecond: 5 }'))
    expect(stderr.filter((line) => line.includes('rate limit'))).toEqual([
      expect.stringContaining('AP2101 smi cannot carry a rate limit asked of shop/web'),
    ])
  })

  test.each<[string, string, string]>([
    [
      'overrides',
      'total: { requestsPerSecond: 5 }, overrides: [{ requestsPerSecond: 1, clientRefs: [] }]',
      'AP7102 spec.overrides of',
    ],
    ['a limit for each client only', 'identity: { requestsPerSecond: 5 }', 'AP7102 spec (no total) of'],
    [
      'more for a client than for all',
      'total: { requestsPerSecond: 5 }, identity: { requestsPerSecond: 6 }',
      '6 is above the total, which is 5',
    ],
  ])('with %s are told of', async (_what, spec, message) => {
    const numbered = theirs.replace('port: http', 'port: 8080')
    const { code, stderr } = await translate('linkerd', ...known, numbered, policy(spec))
    expect(code).toBe(1)
    expect(stderr).toContainEqual(expect.stringContaining(message))
  })

  test('of pods that no Service is for are told of, and not left out in silence', async () => {
    const other = service('web').replace('app: web', 'app: other')
    const numbered = theirs.replace('port: http', 'port: 8080')
    const { code, stderr } = await translate(
      'linkerd',
      deployment('web'),
      other,
      numbered,
      policy('total: { requestsPerSecond: 5 }'),
    )
    expect(code).toBe(1)
    expect(stderr).toEqual([
      expect.stringContaining(
        'AP7102 a rate limit of pods that are not all of those behind a Service of HTTPLocalRateLimitPolicy shop/web',
      ),
    ])
  })
})

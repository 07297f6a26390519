import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments, stringify } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'
import type { PodLimit } from '../../src/mesh/pod-limits.ts'
import { selectionsOf, workloadsAmong } from '../../src/mesh/workloads.ts'
import { callAp } from '../support/call-ap.ts'
import { kuma } from './adapters.ts'

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { serviceAccountName: web, containers: [{ name: web, ports: [{ containerPort: 8080 }] }] }`
const service = `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080, appProtocol: http }] }`
const wanted = `
apiVersion: mesh-autopilot.dev/v1
kind: RateLimit
metadata: { name: web, namespace: shop }
spec: { service: web, requestsPerSecond: 50 }`

const workloads = workloadsAmong([parse(deployment)])
const [selection] = selectionsOf({ namespace: 'shop', serviceAccount: 'web' }, workloads)

function limit(requestsPerSecond: number, perClient?: number): PodLimit {
  if (selection === undefined) throw new Error('the Deployment selects pods')
  const own = { requestsPerSecond, ...(perClient !== undefined && { perClient }) }
  return { namespace: 'shop', serviceAccount: 'web', selection, port: 8080, limit: own }
}

function policy(
  http: string,
  { target = '{ kind: Dataplane, labels: { app: web } }', field = 'rules' } = {},
): KubeObject {
  const from = field === 'from' ? 'targetRef: { kind: MeshSubset, tags: { team: a } },' : ''
  return parse(`
apiVersion: kuma.io/v1alpha1
kind: MeshRateLimit
metadata: { name: theirs, namespace: shop }
spec: { targetRef: ${target}, ${field}: [{ ${from} default: { local: { http: ${http} } } }] }`)
}

async function translate(target: string, ...documents: string[]) {
  const { code, stdout, stderr } = await callAp(['translate', '--to', target, '-f', '-'], documents.join('\n---\n'))
  return { code, stderr, objects: parseAllDocuments(stdout).map((one) => one.toJS()) }
}

describe('a rate limit on Kuma', () => {
  test('is a MeshRateLimit for the labels of the pods, and is the same when it is read again', async () => {
    const { stderr, objects } = await translate('kuma', wanted, service, deployment)
    expect(stderr).toBe('')
    expect(objects).toEqual([
      parse(`
apiVersion: kuma.io/v1alpha1
kind: MeshRateLimit
metadata: { name: web, namespace: shop, labels: { kuma.io/mesh: default } }
spec:
  targetRef: { kind: Dataplane, labels: { app: web } }
  rules:
    - default:
        local: { http: { disabled: false, requestRate: { num: 50, interval: 1s }, onRateLimit: { status: 429 } } }
`),
    ])
    const again = await translate('kuma', ...objects.map((one) => stringify(one)), service, deployment)
    expect(again).toEqual({ code: 0, stderr: '', objects })
  })

  test('for each client is refused, in the table and by itself', async () => {
    const { code, stderr } = await translate('kuma', wanted.replace('50', '50, perClient: 5'), service, deployment)
    expect(code).toBe(1)
    expect(stderr).toContain('AP2101 kuma cannot carry a rate limit for each client')
    const [answer] = kuma.podLimits?.translate([limit(50, 5)], { workloads, others: [], own: [] }) ?? []
    expect(answer).toMatchObject({ objects: [], problems: [{ code: 'AP2195' }] })
  })

  test('that would be one of other ports too is refused, as those cannot be told apart', async () => {
    const more = deployment.replace('{ containerPort: 8080 }', '{ containerPort: 8080 }, { containerPort: 9090 }')
    const { code, stderr } = await translate('kuma', wanted, service, more)
    expect(code).toBe(1)
    expect(stderr).toContain('AP2195 kuma limits pods')
    expect(stderr).toContain('the ports 9090 would be limited as well')
  })

  test('is not written beside a policy of somebody else for these pods', () => {
    const others = [policy('{ requestRate: { num: 5, interval: 1s } }')]
    const [answer] = kuma.podLimits?.translate([limit(50)], { workloads, others, own: [] }) ?? []
    expect(answer?.objects).toEqual([])
    expect(answer?.problems).toMatchObject([{ message: expect.stringContaining('MeshRateLimit shop/theirs') }])
    const apart = [
      policy('{ requestRate: { num: 5, interval: 1s } }', { target: '{ kind: Dataplane, labels: { app: api } }' }),
    ]
    expect(kuma.podLimits?.translate([limit(50)], { workloads, others: apart, own: [] })[0]?.problems).toEqual([])
  })

  test.each([
    ['within a minute', policy('{ requestRate: { num: 60, interval: 1m } }'), 'requestRate'],
    ['that is off', policy('{ disabled: true, requestRate: { num: 60, interval: 1s } }'), 'disabled'],
    [
      'with another answer',
      policy('{ requestRate: { num: 60, interval: 1s }, onRateLimit: { status: 503 } }'),
      'onRateLimit',
    ],
    ['for some callers', policy('{ requestRate: { num: 60, interval: 1s } }', { field: 'from' }), 'targetRef'],
    [
      'for a named port',
      policy('{ requestRate: { num: 60, interval: 1s } }', {
        target: '{ kind: Dataplane, labels: { app: web }, sectionName: http }',
      }),
      'sectionName',
    ],
  ])('%s has no neutral words', (_what, own, field) => {
    expect(kuma.reading.validate(own)).toEqual([])
    const observed = kuma.podLimits?.observe([own], workloads)
    expect(observed?.limits).toEqual([])
    expect(observed?.problems.map(({ place }) => place?.path.at(-1))).toEqual([field])
  })
})

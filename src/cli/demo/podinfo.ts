import type { KubeObject } from '../../kube/object.ts'
import type { Clients } from '../../simulator/traffic.ts'
import type { Version } from '../../simulator/version.ts'

export const namespace = 'shop'
export const port = 9898
export const images = { old: 'stefanprodan/podinfo:6.7.0', new: 'stefanprodan/podinfo:6.7.1' }

const labels = { app: 'podinfo' }
const probe = (path: string) => ({
  exec: { command: ['podcli', 'check', 'http', `localhost:${port}${path}`] },
  initialDelaySeconds: 5,
  timeoutSeconds: 5,
})

/** podinfo (https://github.com/stefanprodan/podinfo) as its users have it before they hear of canaries. */
export const podinfo: readonly KubeObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'podinfo', namespace, labels },
    spec: {
      replicas: 2,
      minReadySeconds: 3,
      revisionHistoryLimit: 5,
      progressDeadlineSeconds: 60,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9797' } },
        spec: {
          containers: [
            {
              name: 'podinfod',
              image: images.old,
              imagePullPolicy: 'IfNotPresent',
              ports: [
                { name: 'http', containerPort: port, protocol: 'TCP' },
                { name: 'http-metrics', containerPort: 9797, protocol: 'TCP' },
              ],
              command: ['./podinfo', `--port=${port}`, '--port-metrics=9797', '--level=info'],
              env: [{ name: 'PODINFO_UI_COLOR', value: '#34577c' }],
              livenessProbe: probe('/healthz'),
              readinessProbe: probe('/readyz'),
              resources: { limits: { cpu: '2', memory: '512Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'podinfo', namespace, labels },
    spec: {
      type: 'ClusterIP',
      selector: labels,
      ports: [
        { name: 'http', port, protocol: 'TCP', targetPort: 'http' },
        { name: 'http-metrics', port: 9797, protocol: 'TCP', targetPort: 'http-metrics' },
      ],
    },
  },
]

/** What a user writes to have podinfo's next versions tried out. */
export const canary: KubeObject = {
  apiVersion: 'autopilot.examples.io/v1',
  kind: 'CanaryDeployment',
  metadata: { name: 'podinfo', namespace },
  spec: {
    deployment: 'podinfo',
    ports: [port],
    successThreshold: 99,
    maxLatency: '500ms',
    measurementInterval: '1m',
    analysisPeriod: '1m',
    stepWeight: 10,
    maxWeight: 50,
    noTraffic: 'wait',
  },
}

const good: Version = { errorRate: 0, latency: { median: 12, p99: 60 } }
const bad: Version = { errorRate: 0.02, latency: { median: 120, p99: 900 } }

export const scenarios = ['good', 'bad', 'no-traffic'] as const
export type ScenarioName = (typeof scenarios)[number]

/** One way the new image may turn out, and what has to come of it. */
export interface Scenario {
  readonly title: string
  readonly newVersion: Version
  /** Whether requests go on after the new image is set. */
  readonly traffic: boolean
  readonly verdict: 'promoted' | 'rolled-back' | 'waiting'
}

export const scenarioOf: Readonly<Record<ScenarioName, Scenario>> = {
  good: { title: 'a good version', newVersion: good, traffic: true, verdict: 'promoted' },
  bad: { title: 'a bad version: 2 % errors, and slow', newVersion: bad, traffic: true, verdict: 'rolled-back' },
  'no-traffic': { title: 'a good version that nobody calls', newVersion: good, traffic: false, verdict: 'waiting' },
}

export const oldVersion = good

/** Who calls podinfo: a thousand people, each with one of three programs. */
export const clients: readonly Clients[] = [
  {
    name: 'browsers',
    users: 600,
    inMesh: true,
    request: {
      method: 'GET',
      path: '/',
      headers: { 'user-agent': 'Mozilla/5.0', cookie: 'theme=dark; region=eu', accept: 'text/html' },
      query: {},
    },
  },
  {
    name: 'phones',
    users: 300,
    inMesh: true,
    request: {
      method: 'GET',
      path: '/api/info',
      headers: { 'user-agent': 'podinfo-app/4.2 (Android)', accept: 'application/json' },
      query: { lang: 'de' },
    },
  },
  {
    name: 'partners',
    users: 100,
    inMesh: true,
    request: { method: 'POST', path: '/echo', headers: { 'user-agent': 'curl/8.5.0', 'x-partner': 'acme' }, query: {} },
  },
]

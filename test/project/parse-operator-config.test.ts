import { describe, expect, test } from 'vitest'
import { loadOperatorConfig } from '../../src/project/load.ts'
import { parseOperatorConfig } from '../../src/project/parse-operator-config.ts'
import { complaints, shortComplaints } from './complaints.ts'

const knownMeshes = ['istio', 'linkerd', 'smi', 'gateway-api']
const parse = (text: string) => parseOperatorConfig(text, 'autopilot-operator.yaml', { knownMeshes })
const refuse = (text: string) => shortComplaints(() => parse(text))

describe('the configuration of an operator', () => {
  test('the defaults are those of the original', () => {
    expect(parse('{}')).toEqual({
      version: '0.0.1',
      meshProvider: 'istio',
      controlPlaneNs: 'istio-system',
      workInterval: 5_000,
      metricsAddr: ':9091',
      enableLeaderElection: true,
      watchNamespace: '',
      leaderElectionNamespace: '',
      logLevel: 1,
      metricsProvider: 'istio',
      clusterDomain: 'cluster.local',
      meshApiVersions: {},
      prometheus: { url: 'http://prometheus.istio-system:9090', timeout: 5_000, insecureSkipVerify: false },
      faultBackend: { image: 'nginxinc/nginx-unprivileged:1.29-alpine', imagePullSecrets: [] },
    })
  })

  test('the files of the original load unchanged', async () => {
    const example = await loadOperatorConfig('test/fixtures/original/example/autopilot-operator.yaml', { knownMeshes })
    expect(example).toEqual(parse('{}'))
    const canary = await loadOperatorConfig('test/fixtures/original/canary/autopilot-operator.yaml', { knownMeshes })
    expect(canary).toEqual({ ...parse('{}'), enableLeaderElection: false, logLevel: 0 })
  })

  test('everything can be said', () => {
    const config = parse(`
version: 1.2.3
meshProvider: SMI
controlPlaneNs: linkerd
workInterval: 1h30m
metricsAddr: ""
enableLeaderElection: no
watchNamespace: shop
logLevel: 3
metricsProvider: Linkerd
clusterDomain: example.org
trustDomain: default.zone-1.mesh.local
meshApiVersions: {split.smi-spec.io: v1alpha2}
prometheus:
  url: https://prometheus.monitoring:9090/prometheus
  timeout: 500ms
  bearerTokenFile: /var/run/token
  caFile: /etc/ca.pem
  insecureSkipVerify: true
faultBackend:
  image: registry.example.com/nginx-unprivileged:1.29
  imagePullSecrets: [registry]
`)
    expect(config).toEqual({
      version: '1.2.3',
      meshProvider: 'smi',
      controlPlaneNs: 'linkerd',
      workInterval: 5_400_000,
      metricsAddr: '',
      enableLeaderElection: false,
      watchNamespace: 'shop',
      leaderElectionNamespace: 'shop',
      logLevel: 3,
      metricsProvider: 'linkerd',
      clusterDomain: 'example.org',
      trustDomain: 'default.zone-1.mesh.local',
      meshApiVersions: { 'split.smi-spec.io': 'v1alpha2' },
      prometheus: {
        url: 'https://prometheus.monitoring:9090/prometheus',
        timeout: 500,
        bearerTokenFile: '/var/run/token',
        caFile: '/etc/ca.pem',
        insecureSkipVerify: true,
      },
      faultBackend: { image: 'registry.example.com/nginx-unprivileged:1.29', imagePullSecrets: ['registry'] },
    })
  })

  test('WATCH_NAMESPACE stands in for a watchNamespace that the file leaves out', () => {
    const env = { WATCH_NAMESPACE: 'shop' }
    const given = (text: string) => parseOperatorConfig(text, 'c.yaml', { knownMeshes, env })
    expect(given('{}')).toMatchObject({ watchNamespace: 'shop', leaderElectionNamespace: 'shop' })
    expect(given('{watchNamespace: web}')).toMatchObject({ watchNamespace: 'web', leaderElectionNamespace: 'web' })
  })

  test('a mesh nobody knows is told with those that there are', () => {
    expect(complaints(() => parse('meshProvider: Custom\nmetricsProvider: istoi'))).toEqual([
      'autopilot-operator.yaml:1:15 AP1301 meshProvider names the mesh "Custom", which is not known. Known meshes: istio, linkerd, smi, gateway-api.',
      'autopilot-operator.yaml:2:18 AP1301 metricsProvider names the mesh "istoi", which is not known (did you mean "istio"?). Known meshes: istio, linkerd, smi, gateway-api.',
    ])
  })

  test.each([
    ['workInterval: 5', '1:15 AP1103 workInterval must be a text, not the number 5'],
    [
      'workInterval: 5 s',
      '1:15 AP1104 workInterval is "5 s"; it must be a duration from 1ms to 24 days, such as 500ms, 5s, 1m or 1h30m',
    ],
    [
      'workInterval: 0s',
      '1:15 AP1104 workInterval is "0s"; it must be a duration from 1ms to 24 days, such as 500ms, 5s, 1m or 1h30m',
    ],
    [
      'workInterval: -5s',
      '1:15 AP1104 workInterval is "-5s"; it must be a duration from 1ms to 24 days, such as 500ms, 5s, 1m or 1h30m',
    ],
    [
      'prometheus: {timeout: 1000h}',
      '1:23 AP1104 prometheus.timeout is "1000h"; it must be a duration from 1ms to 24 days, such as 500ms, 5s, 1m or 1h30m',
    ],
    ['metricsAddr: 9091', '1:14 AP1103 metricsAddr must be a text, not the number 9091'],
    [
      'metricsAddr: "9091"',
      '1:14 AP1104 metricsAddr is "9091"; it must be host:port or :port, such as :9091, or empty',
    ],
    [
      'metricsAddr: ":70000"',
      '1:14 AP1104 metricsAddr is ":70000"; it must be host:port or :port, such as :9091, or empty',
    ],
    ['logLevel: debug', '1:11 AP1103 logLevel must be a whole number, not "debug"'],
    ['logLevel: 7', '1:11 AP1104 logLevel is the number 7; it must be 6 or less'],
    ['logLevel: .nan', '1:11 AP1103 logLevel must be a whole number, not the number NaN'],
    [
      'watchNamespace: My Shop',
      '1:17 AP1104 watchNamespace is "My Shop"; it must be the name of a namespace, or nothing for the whole cluster',
    ],
    [
      'prometheus: {url: "prometheus:9090"}',
      '1:19 AP1104 prometheus.url is "prometheus:9090"; it must be a base address, such as http://prometheus.istio-system:9090',
    ],
    ['prometheus: {token: x}', '1:14 AP1101 unknown field "token" in prometheus'],
    [
      'meshApiVersions: {split.smi-spec.io: 4}',
      '1:38 AP1103 meshApiVersions.split.smi-spec.io must be a text, not the number 4',
    ],
    ['worKInterval: 5s', '1:1 AP1101 unknown field "worKInterval" in the file (did you mean "workInterval"?)'],
    [
      'a: [1\nb: 2',
      '2:1 AP1001 this is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['\tlogLevel: 1', '1:1 AP1001 this is not YAML: Tabs are not allowed as indentation'],
    ['logLevel: !level 1', '1:11 AP1001 this is not YAML: Unresolved tag: !level'],
  ])('%j is refused', (text, line) => {
    expect(refuse(text)[0]).toBe(line)
  })

  test.each([':9091', '0.0.0.0:9091', 'localhost:0', '[::1]:9091'])('%s is an address', (address) => {
    expect(parse(`metricsAddr: "${address}"`).metricsAddr).toBe(address)
  })
})

import { expect, test } from 'vitest'
import { networkPolicy } from '../../generators/deploy/network-policy.ts'
import { parseOperatorConfig } from '../../src/project/parse-operator-config.ts'
import { parseProject } from '../../src/project/parse-project.ts'

const { project } = parseProject(
  `kind: Example
apiVersion: examples.io/v1
operatorName: example-operator
phases:
- {name: Initializing, description: begins, initial: true}
- {name: Finished, description: ends, final: true}
`,
  'autopilot.yaml',
)

function policy(config: string) {
  const spec = networkPolicy(
    project,
    parseOperatorConfig(config, 'autopilot-operator.yaml', { knownMeshes: ['istio'] }),
    'shop',
  ).spec as { ingress: object[]; egress: { ports: { port: number }[] }[] }
  return { ingress: spec.ingress, egress: spec.egress.map(({ ports }) => ports.map(({ port }) => port)) }
}

test('the operator is asked for metrics only, and asks DNS, the API server and Prometheus only', () => {
  expect(policy('meshProvider: istio\n')).toEqual({
    ingress: [{ ports: [{ port: 9091, protocol: 'TCP' }] }],
    egress: [[53, 53], [443, 6443, 8443], [9090]],
  })
})

test.each([
  ['a port of its own', 'http://thanos-query.monitoring:10902', [10902, 9090]],
  ['the port of http', 'http://prometheus.monitoring', [80, 9090]],
  ['the port of https', 'https://metrics.example.com/prometheus', [443, 9090]],
])('Prometheus at %s is reached, behind a Service too', (_, url, ports) => {
  expect(policy(`prometheus: {url: "${url}"}\n`).egress.at(-1)).toEqual(ports)
})

test('nobody may ask an operator without metrics anything', () => {
  expect(policy('metricsAddr: ""\n').ingress).toEqual([])
})

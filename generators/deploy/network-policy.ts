import type { KubeObject } from '../../src/kube/object.ts'
import type { OperatorConfig, Project } from '../../src/project/project.ts'
import { operatorLabels, portOf } from '../deployment.ts'

/** Where API servers listen, on managed clusters and on small ones. They are no pods: a policy can name them by port only. */
export const apiServerPorts: readonly number[] = [443, 6443, 8443]

/** Where Prometheus itself listens; a policy sees the pod's port, whatever the Service in front of it has. */
const prometheusPort = 9090

/**
 * Lets the operator's pods be asked for metrics and health, and lets them ask DNS, the API server and Prometheus: nothing else.
 * A worker that calls anything else needs a NetworkPolicy of its own beside this one; what policies allow adds up.
 */
export function networkPolicy(
  { operatorName }: Project,
  { metricsAddr, prometheus }: OperatorConfig,
  namespace: string,
): KubeObject {
  const port = portOf(metricsAddr)
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: operatorName, namespace, labels: operatorLabels(operatorName) },
    spec: {
      podSelector: { matchLabels: operatorLabels(operatorName) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: port === undefined ? [] : [{ ports: [tcp(port)] }],
      egress: [
        // A cache of names on the node is no pod either.
        { ports: [{ port: 53, protocol: 'UDP' }, tcp(53)] },
        { ports: apiServerPorts.map(tcp) },
        { ports: prometheusPorts(prometheus).map(tcp) },
      ],
    },
  }
}

/** The port in the address of Prometheus, and the one of its pods. */
export function prometheusPorts({ url }: Pick<OperatorConfig['prometheus'], 'url'>): number[] {
  const { port, protocol } = new URL(url)
  const asked = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
  return [...new Set([asked, prometheusPort])]
}

function tcp(port: number): object {
  return { port, protocol: 'TCP' }
}

import type { KubeObject } from '../../src/kube/object.ts'
import type { OperatorConfig, Project } from '../../src/project/project.ts'
import { operatorLabels, portOf } from '../deployment.ts'

/** The Service by which the operator's own metrics are found; none where they are turned off. */
export function metricsService(
  { operatorName }: Project,
  { metricsAddr }: OperatorConfig,
  namespace: string,
): KubeObject | undefined {
  const port = portOf(metricsAddr)
  if (port === undefined) return undefined
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: operatorName, namespace, labels: operatorLabels(operatorName) },
    spec: {
      selector: operatorLabels(operatorName),
      ports: [{ name: 'metrics', port, targetPort: 'metrics', protocol: 'TCP' }],
    },
  }
}

/** Tells the Prometheus operator (monitoring.coreos.com/v1) of that Service. */
export function serviceMonitor({ operatorName }: Project): KubeObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: operatorName, namespace: operatorName, labels: operatorLabels(operatorName) },
    spec: {
      selector: { matchLabels: operatorLabels(operatorName) },
      endpoints: [{ port: 'metrics', interval: '30s' }],
    },
  }
}

import type { CanaryDeployment } from '../../operators/canary/src/generated/phases.ts'
import { spec } from '../../operators/canary/src/spec.ts'
import type { Deployment, Service } from '../../src/operator/kinds.ts'

export const namespace = 'shop'

/** podinfo as its users have it. */
export function podinfo(changes: { name?: string; image?: string; replicas?: number } = {}): Deployment {
  const { name = 'podinfo', image = 'podinfo:6.0.0', replicas = 2 } = changes
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      generation: 1,
      labels: { app: name, team: 'shop' },
      annotations: {},
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { app: name }, annotations: { 'prometheus.io/scrape': 'true' } },
        spec: {
          containers: [
            {
              name: 'podinfod',
              image,
              ports: [
                { name: 'http', containerPort: 9898 },
                { name: 'http-metrics', containerPort: 9797 },
              ],
            },
          ],
        },
      },
    },
    status: {
      observedGeneration: 1,
      replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
    },
  }
}

export function podinfoService(name = 'podinfo'): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, uid: `uid-service-${name}` },
    spec: {
      type: 'NodePort',
      clusterIP: '10.0.0.1',
      selector: { app: name },
      ports: [
        { name: 'http', port: 9898, targetPort: 'http', protocol: 'TCP' },
        { name: 'http-metrics', port: 9797, targetPort: 'http-metrics', protocol: 'TCP', nodePort: 30_001 },
      ] as NonNullable<Service['spec']>['ports'] & object,
    },
  }
}

/** A resource as its worker sees it, the spec defaulted. */
export function canary(name: string, fields: Record<string, unknown> = {}): CanaryDeployment {
  return {
    apiVersion: 'autopilot.examples.io/v1',
    kind: 'CanaryDeployment',
    metadata: { name, namespace, uid: `uid-${name}-canary`, creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 },
    spec: { ...spec.parse({ deployment: 'podinfo' }), ...fields },
  }
}

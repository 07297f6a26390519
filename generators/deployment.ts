import type { KubeObject } from '../src/kube/object.ts'
import type { OperatorConfig, Project } from '../src/project/project.ts'

/** Where the operator reads its configuration in its container. */
const configFolder = '/etc/autopilot'
/** Where the image has the project. */
const projectFolder = '/app'

/** The Pod Security Standard that the Deployment keeps, enforced for its whole namespace. */
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' }

/** Name of the ConfigMap with autopilot-operator.yaml. */
export function configMapName({ operatorName }: Project): string {
  return `${operatorName}-config`
}

export function namespaceObject({ operatorName }: Project, name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...operatorLabels(operatorName), ...restricted } },
  }
}

/** The token is mounted by the operator's own pod only. */
export function serviceAccount({ operatorName }: Project, namespace: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: operatorName, namespace, labels: operatorLabels(operatorName) },
    automountServiceAccountToken: false,
  }
}

/** What differs between installations of an operator. */
export interface DeploymentFacts {
  readonly namespace: string
  readonly image: string
  /** Of its pods: another value restarts them. */
  readonly podAnnotations?: Readonly<Record<string, string>>
}

/**
 * The Deployment of an operator, fit for the `restricted` Pod Security Standard. The configuration is mounted as a folder,
 * not as a single file, because only then a change reaches the running container.
 */
export function deployment(
  project: Project,
  { metricsAddr }: OperatorConfig,
  { namespace, image, podAnnotations }: DeploymentFacts,
): KubeObject {
  const { operatorName } = project
  const port = portOf(metricsAddr)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: operatorName, namespace, labels: operatorLabels(operatorName) },
    spec: {
      replicas: 1,
      selector: { matchLabels: operatorLabels(operatorName) },
      template: {
        metadata: {
          labels: operatorLabels(operatorName),
          ...((port !== undefined || podAnnotations !== undefined) && {
            annotations: { ...(port !== undefined && scraped(port)), ...podAnnotations },
          }),
        },
        spec: {
          serviceAccountName: operatorName,
          automountServiceAccountToken: true,
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'operator',
              image,
              args: ['run', projectFolder, '--config', `${configFolder}/autopilot-operator.yaml`],
              env: [{ name: 'NODE_ENV', value: 'production' }],
              ...(port !== undefined && {
                ports: [{ name: 'metrics', containerPort: port, protocol: 'TCP' }],
                ...probes,
              }),
              resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'config', mountPath: configFolder, readOnly: true }],
            },
          ],
          volumes: [{ name: 'config', configMap: { name: configMapName(project) } }],
        },
      },
    },
  }
}

function scraped(port: number): Record<string, string> {
  return { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port) }
}

const probes = {
  livenessProbe: { httpGet: { path: '/healthz', port: 'metrics' }, periodSeconds: 10, failureThreshold: 3 },
  readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' }, periodSeconds: 5 },
}

/** On everything that belongs to an operator; its pods are selected by them. */
export function operatorLabels(operatorName: string): Record<string, string> {
  return { 'app.kubernetes.io/name': operatorName, 'app.kubernetes.io/part-of': 'mesh-autopilot' }
}

/** `:9091` and `0.0.0.0:9091` mean the port 9091; empty means none. */
export function portOf(address: string): number | undefined {
  const port = Number(address.slice(address.lastIndexOf(':') + 1))
  return address !== '' && Number.isInteger(port) && port > 0 ? port : undefined
}

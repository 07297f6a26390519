import type { KubeObject } from '../kube/object.ts'
import { faultBackendAnswer, faultBackendName, withFaultBackends } from './fault-backend.ts'
import { groupKind } from './object-reading.ts'
import { serviceName } from './service.ts'
import type { ServiceRef, ServiceTraffic } from './traffic.ts'
import type { AbortAnswer } from './treatment.ts'

/** How the pods of fault backends are run. */
export interface FaultBackendPod {
  /** nginx that runs as a numeric user other than root, and reads /etc/nginx/conf.d. */
  readonly image: string
  /** Names of Secrets in the namespace of each fault backend. */
  readonly imagePullSecrets: readonly string[]
}

/** Runs without root and without a writable root file system but for /tmp. */
export const usualFaultBackendPod: FaultBackendPod = {
  image: 'nginxinc/nginx-unprivileged:1.29-alpine',
  imagePullSecrets: [],
}

/** What is taken for the name of an image; the registry has the last word. */
export const imageName = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,500}$/

const listens = 8080

const componentLabel = 'app.kubernetes.io/component'
const component = 'fault-backend'
/** Selects the objects of fault backends, whoever made them. */
export const faultBackendSelector = `${componentLabel}=${component}`

/** Whether the object is labelled as a part of a fault backend. */
export function isFaultBackend({ metadata }: Pick<KubeObject, 'metadata'>): boolean {
  return metadata.labels?.[componentLabel] === component && faultBackendAnswer(metadata.name) !== undefined
}

/** A Service that stands in for a fault, with the ports on which it is asked. */
export interface FaultBackend {
  readonly service: ServiceRef
  readonly answer: AbortAnswer
  /** Each once. The first has the plain name of its protocol, also when others join. */
  readonly ports: readonly number[]
}

/** The fault backends that traffic needs on a mesh without faults, by namespace and name, each once. */
export function faultBackendsOf(all: readonly ServiceTraffic[]): FaultBackend[] {
  const found = new Map<string, FaultBackend>()
  for (const { ports } of all.map(withFaultBackends)) {
    for (const { service, port } of ports.flatMap(({ rules }) => rules.flatMap(({ backends }) => backends))) {
      const answer = faultBackendAnswer(service.name)
      if (answer === undefined) continue
      const before = found.get(serviceName(service))?.ports ?? []
      const both = [...new Set([...before, port])].sort((a, b) => a - b)
      found.set(serviceName(service), { service, answer, ports: both })
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, backend]) => backend)
}

/** What makes a fault backend: the configuration of a web server, the server, and its Service. */
export function faultBackendObjects(
  { service, answer, ports }: FaultBackend,
  { image, imagePullSecrets }: FaultBackendPod = usualFaultBackendPod,
): KubeObject[] {
  const { namespace } = service
  const name = faultBackendName(answer)
  const metadata = { name, namespace, labels: { app: name, [componentLabel]: component } }
  const portName = 'status' in answer ? 'http' : 'grpc'
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'default.conf': `${configuration(answer)}\n` } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            ...(imagePullSecrets.length > 0 && {
              imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })),
            }),
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name: 'answer',
                image,
                ports: [{ containerPort: listens }],
                // Not by HTTP: that answers what it is there to answer.
                readinessProbe: { tcpSocket: { port: listens } },
                resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
                volumeMounts: [{ name: 'config', mountPath: '/etc/nginx/conf.d' }],
              },
            ],
            volumes: [{ name: 'config', configMap: { name } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: { app: name },
        ports: ports.map((port, index) => ({
          name: index === 0 ? portName : `${portName}-${port}`,
          port,
          targetPort: listens,
        })),
      },
    },
  ]
}

/** Whether an object is what a fault backend is made of, besides its Service. */
export function isFaultBackendPart(object: KubeObject): boolean {
  return (
    ['/ConfigMap', 'apps/Deployment'].includes(groupKind(object)) &&
    faultBackendAnswer(object.metadata.name) !== undefined
  )
}

/** A gRPC call is answered by headers alone (PROTOCOL-HTTP2, Trailers-Only). */
function configuration(answer: AbortAnswer): string {
  if ('status' in answer) return `server { listen ${listens}; location / { return ${answer.status}; } }`
  const headers = `default_type application/grpc; add_header grpc-status ${answer.grpcStatus}; add_header content-length 0;`
  return `server { listen ${listens}; http2 on; location / { ${headers} return 204; } }`
}

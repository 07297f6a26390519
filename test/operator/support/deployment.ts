import type { Kind, KubeObject } from '../../../src/kube/object.ts'
import type { World } from './world.ts'

export const deploymentKind: Kind = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
}

interface Template {
  /** That its container listens on; 8080 unless given. */
  readonly port?: number
  /** Of its pods, besides `app`. */
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** Makes a Deployment in `shop`, whose pods run as a ServiceAccount of its name and have the label `app` with it. */
export function deploy(
  world: World,
  name = 'web',
  { port = 8080, labels, annotations }: Template = {},
): Promise<KubeObject> {
  return world.client.create(deploymentKind, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name, ...labels }, ...(annotations !== undefined && { annotations }) },
        spec: { serviceAccountName: name, containers: [{ name, image: name, ports: [{ containerPort: port }] }] },
      },
    },
  })
}

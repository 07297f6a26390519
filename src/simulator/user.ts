import type { KubeClient } from '../kube/client.ts'
import { Discovery } from '../kube/discovery.ts'
import { apiVersionOf, type Kind, type KubeObject, type ObjectRef } from '../kube/object.ts'

/** Somebody with kubectl and ap. */
export class User {
  readonly #client: KubeClient
  readonly #discovery: Discovery

  constructor(client: KubeClient) {
    this.#client = client
    this.#discovery = new Discovery(client)
  }

  /** `kubectl apply --server-side`, in the order given: a kind's definition goes before its objects. */
  async apply(objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      const kind = await this.#kindOf(object.apiVersion, object.kind)
      await this.#client.apply(kind, object, { fieldManager: 'kubectl' })
    }
  }

  /** `kubectl delete --wait=false`. */
  async delete({ apiVersion, kind, metadata }: KubeObject): Promise<void> {
    await this.#client.delete(await this.#kindOf(apiVersion, kind), metadata)
  }

  /** `kubectl set image`. */
  async setImage(deployment: ObjectRef, container: string, image: string): Promise<void> {
    const kind = await this.#kindOf('apps/v1', 'Deployment')
    const patch = { spec: { template: { spec: { containers: [{ name: container, image }] } } } }
    await this.#client.patch(kind, deployment, patch, { type: 'strategic', fieldManager: 'kubectl-set' })
  }

  /** `ap promote` and the like. */
  async annotate(kind: Kind, ref: ObjectRef, annotations: Readonly<Record<string, string>>): Promise<void> {
    await this.#client.patch(kind, ref, { metadata: { annotations } }, { type: 'merge', fieldManager: 'ap' })
  }

  async #kindOf(apiVersion: string, name: string): Promise<Kind> {
    const [version = '', group = ''] = apiVersion.split('/').toReversed()
    const find = async () =>
      (await this.#discovery.kinds(group, version)).find(
        (kind) => kind.kind === name && apiVersionOf(kind) === apiVersion,
      )
    const known = await find()
    if (known !== undefined) return known
    this.#discovery.refresh()
    const kind = await find()
    if (kind === undefined) throw new Error(`the control plane serves no ${name} of ${apiVersion}`)
    return kind
  }
}

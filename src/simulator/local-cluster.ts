import { createControlPlane } from '../apiserver/control-plane.ts'
import type { KubeClient } from '../kube/client.ts'
import { systemClock } from '../kube/clock.ts'
import { HttpClient } from '../kube/http-client.ts'
import { InProcessTransport } from '../kube/in-process-transport.ts'
import type { KubeObject } from '../kube/object.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import { installedKinds } from '../mesh/adapter-kinds.ts'
import { ClusterView } from './cluster-view.ts'
import { enrolled, firstNamespaces } from './enrolled.ts'
import { MeshController } from './mesh-controller.ts'
import { meshCrds } from './mesh-crds.ts'
import { User } from './user.ts'

/** How long the mesh takes to take up a route, and a Deployment to have new replicas; milliseconds. */
const pace = { route: 200, replica: 2000 }

/** A control plane on this machine, in real time, with one mesh installed: objects are stored, Deployments become available, routes are accepted. */
export interface LocalCluster {
  /** What every program finds in it, at the moment it is written. */
  readonly view: ClusterView
  /** Base address of its API, on loopback. */
  readonly url: string
  /** For the user `admin`, as YAML. */
  readonly kubeconfig: string
  /** Acts as `userAgent`, without a socket between. */
  client(userAgent: string): KubeClient
  /** Writes objects as a user does with `kubectl apply --server-side`. */
  apply(objects: readonly KubeObject[]): Promise<void>
  /** Ends what is open and frees the port. */
  stop(): Promise<void>
}

/** Starts it with the kinds of the mesh installed, without schemas of their fields. */
export async function startLocalCluster(adapter: MeshAdapter): Promise<LocalCluster> {
  const controlPlane = createControlPlane({ workloads: { readyAfter: pace.replica } })
  const view = new ClusterView()
  controlPlane.onWrite((write) => view.see(write))
  const client = (userAgent: string) => {
    const transport = new InProcessTransport((request) => controlPlane.handle(request))
    return new HttpClient(transport, { clock: systemClock, random: Math.random, userAgent })
  }
  new MeshController({ adapter, view, client: client('simulated-mesh'), clock: systemClock, delay: pace.route })
  const user = new User(client('kubectl'))
  await user.apply([...meshCrds(installedKinds(adapter)), ...firstNamespaces(adapter)])
  const { url } = await controlPlane.listen()
  return {
    view,
    url,
    kubeconfig: controlPlane.kubeconfig(url),
    client,
    apply: (objects) => user.apply(enrolled(objects, adapter)),
    stop: () => controlPlane.close(),
  }
}

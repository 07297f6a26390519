import { parse } from 'yaml'
import type { Kind, KubeObject } from '../../../src/kube/object.ts'
import type { MeshAdapter } from '../../../src/mesh/adapter.ts'
import type { AttachTo } from '../../../src/mesh/outputs.ts'
import { definition, runningProject, specOf, split } from './flows.ts'
import { flowKind, gatewayApi, istio, World } from './world.ts'

export const merge = { type: 'merge', fieldManager: 'kubectl-edit' } as const

export const virtualService: KubeObject = parse(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: web
  namespace: shop
  labels: { team: storefront }
  annotations: { example.com/tracking: "shop:web" }
spec:
  hosts: [web.example.com]
  gateways: [public]
  http:
  - name: testers
    match: [{ headers: { user: { exact: tester } } }]
    route: [{ destination: { host: web-canary } }]
  - name: everybody
    timeout: 3s
    route: [{ destination: { host: web-primary, port: { number: 80 } } }]
`)

export const httpRoute: KubeObject = parse(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: web
  namespace: shop
  labels: { team: storefront }
spec:
  parentRefs: [{ name: public, namespace: infra }]
  hostnames: [web.example.com]
  rules:
  - matches: [{ path: { type: PathPrefix, value: /static } }]
    backendRefs: [{ name: assets, port: 80 }]
  - filters: [{ type: ExtensionRef, extensionRef: { group: example.com, kind: Limit, name: gold } }]
    backendRefs: [{ name: web-primary, port: 80 }]
`)

/** Emits a split that is attached to a route, as its spec says. */
const attaching = definition({
  Running: (context) => {
    const { weight, apex = 'web', ...spec } = specOf<{ weight?: number; apex?: string } & Partial<AttachTo>>(context)
    if (weight === undefined) return { outputs: { trafficsplits: [] } }
    const { kind = 'VirtualService', name = 'web', rules = ['everybody'] } = spec
    return { outputs: { trafficsplits: [split(weight, apex, { attachTo: { kind, name, rules } })] }, after: '1h' }
  },
})

function kindOf(adapter: MeshAdapter, kind: string): Kind {
  const found = adapter.kinds.find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`${adapter.name} has no ${kind}`)
  return found
}

/** A mesh with a route that a user wrote, and an operator at work. */
export class Shop {
  readonly world: World
  readonly kind: Kind
  readonly route: KubeObject

  constructor(world: World, route: KubeObject) {
    this.world = world
    this.kind = kindOf(world.adapter, route.kind)
    this.route = route
  }

  static async open(route = virtualService, fields: { start?: boolean } = {}): Promise<Shop> {
    const adapter = route.kind === 'VirtualService' ? istio : gatewayApi
    const world = await World.create({ project: runningProject, definition: attaching, adapter })
    const shop = new Shop(world, route)
    await world.service('web')
    await world.client.create(shop.kind, route, { fieldManager: 'argocd-controller' })
    if (fields.start !== false) world.start()
    return shop
  }

  async flow(spec: object, name = 'web'): Promise<void> {
    await this.world.flow(name, { ...spec })
    await this.world.run(0)
  }

  async edit(spec: object, name = 'web'): Promise<void> {
    await this.world.client.patch(flowKind, { namespace: 'shop', name }, { spec }, merge)
    await this.world.run(0)
  }

  async live(): Promise<KubeObject | undefined> {
    return this.world.get(this.kind, 'web')
  }

  /** What the user can see of the route, as one text. */
  async visible(): Promise<string> {
    const { metadata, spec } = (await this.live()) ?? { metadata: { name: '' } }
    const { labels, annotations, ownerReferences, finalizers } = metadata
    return JSON.stringify({ labels, annotations, ownerReferences, finalizers, spec })
  }

  async rule(index = 1): Promise<unknown> {
    const live = await this.live()
    const { http, rules = http } = (live?.spec ?? {}) as { http?: unknown[]; rules?: unknown[] }
    return rules?.[index]
  }

  /** Changes the route as its owner does. */
  async change(change: (spec: { http: { route: object[] }[] }) => void, fieldManager = 'kubectl-edit'): Promise<void> {
    const live = structuredClone(await this.live())
    if (live === undefined) throw new Error('the route is gone')
    change(live.spec as { http: { route: object[] }[] })
    await this.world.client.update(this.kind, live, { fieldManager })
  }
}

export const shared = (weight: number) => ({
  route: [
    { destination: { host: 'web-primary', port: { number: 80 } }, weight: 100 - weight },
    { destination: { host: 'web-canary', port: { number: 80 } }, weight },
  ],
})

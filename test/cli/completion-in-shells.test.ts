import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Kind } from '../../src/kube/object.ts'
import { type EmbeddedCluster, embeddedCluster } from '../support/embedded-cluster.ts'
import { completedByZsh, type Home, hasShell, homeWithAp, offeredByFish } from '../support/shells.ts'

const project = 'operators/canary'
const namespaceKind: Kind = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }
let cluster: EmbeddedCluster
let home: Home

beforeAll(async () => {
  cluster = await embeddedCluster()
  await cluster.client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  home = await homeWithAp({ KUBECONFIG: cluster.kubeconfig })
})
afterAll(async () => {
  await home.close()
  await cluster.close()
})

test.skipIf(!hasShell('zsh'))(
  'zsh completes words, values, quoted words, lists, files and names of a cluster',
  async () => {
    const lines = {
      'ap gen': 'ap generate ',
      'ap lint --mesh=link': 'ap lint --mesh=linkerd ',
      'ap lint --mesh istio --name': 'ap lint --mesh istio --namespace ',
      'ap explain "trafficspl': 'ap explain "trafficsplits" ',
      'ap build shop:1 --platform linux/amd64,linux/ar': 'ap build shop:1 --platform linux/amd64,linux/arm64 ',
      'ap lint --filename=autopilot.': 'ap lint --filename=autopilot.yaml ',
      'ap get "a b" -n sh': 'ap get "a b" -n shop ',
      'ap explain $(touch ran) Ev': 'ap explain $(touch ran) Ev',
    }
    expect(await completedByZsh(home, project, Object.keys(lines))).toEqual(Object.values(lines))
  },
)

test.skipIf(!hasShell('fish'))(
  'fish offers words, values, quoted words, lists, files and names of a cluster',
  async () => {
    const lines = {
      'ap gen': ['generate\tRenew what is generated of a project, and add stubs for what is yours to write'],
      'ap lint --mesh=link': ['--mesh=linkerd'],
      'ap lint --mesh istio --name': ['--namespace\tnamespace of objects that name none'],
      'ap explain "trafficspl': ['trafficsplits'],
      'ap build shop:1 --platform linux/amd64,linux/ar': ['linux/amd64,linux/arm64'],
      'ap lint --filename=autopilot.': ['--filename=autopilot.yaml'],
      'ap get "a b" -n sh': ['shop'],
    }
    expect(await offeredByFish(home, project, Object.keys(lines))).toEqual(Object.values(lines))
  },
)

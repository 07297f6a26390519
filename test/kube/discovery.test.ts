import { describe, expect, test } from 'vitest'
import { Discovery } from '../../src/kube/discovery.ts'
import type { Kind } from '../../src/kube/object.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { configMaps, failure, json, scriptedServer } from './support/scripted-server.ts'

const route = (version: string): Kind => ({
  group: 'gateway.networking.k8s.io',
  version,
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
})
const split: Kind = {
  group: 'split.smi-spec.io',
  version: 'v1alpha4',
  kind: 'TrafficSplit',
  plural: 'trafficsplits',
  namespaced: true,
}
const grant: Kind = { ...route('v1beta1'), kind: 'ReferenceGrant', plural: 'referencegrants' }

/** Core, and a Gateway API that is half installed. */
const answers: Record<string, unknown> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/api/v1': {
    resources: [
      { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
      { name: 'nodes', kind: 'Node', namespaced: false },
      { name: 'nodes/status', kind: 'Node', namespaced: false },
    ],
  },
  '/apis': {
    groups: [
      {
        name: 'gateway.networking.k8s.io',
        versions: [{ version: 'v1' }, { version: 'v1beta1' }],
        preferredVersion: { version: 'v1' },
      },
    ],
  },
  '/apis/gateway.networking.k8s.io/v1': { resources: [] },
  '/apis/gateway.networking.k8s.io/v1beta1': {
    resources: [{ name: 'httproutes', kind: 'HTTPRoute', namespaced: true }],
  },
}

function discovery(override: Record<string, unknown> = {}) {
  const served = { ...answers, ...override }
  const server = scriptedServer(new VirtualClock(), ({ path }) =>
    served[path] === undefined ? failure(404, 'NotFound') : json(200, served[path]),
  )
  return { discovery: new Discovery(server.client), requests: server.requests, served }
}

describe('discovery', () => {
  test('knows what is served, by version', async () => {
    const found = discovery().discovery
    expect(await found.serves(configMaps)).toBe(true)
    expect(await found.serves(route('v1'))).toBe(false)
    expect(await found.serves(route('v1beta1'))).toBe(true)
    expect(await found.serves(split)).toBe(false)
    expect(await found.group('gateway.networking.k8s.io')).toEqual({ preferred: 'v1', versions: ['v1', 'v1beta1'] })
    expect(await found.kinds('', 'v1')).toEqual([
      configMaps,
      { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
    ])
  })

  test('chooses the first of several versions that is served', async () => {
    const found = discovery().discovery
    expect(await found.firstServed([route('v1'), route('v1beta1')])).toEqual(route('v1beta1'))
    expect(await found.firstServed([split])).toBeUndefined()
  })

  test('asks once, and again after a refresh', async () => {
    const { discovery: found, requests, served } = discovery()
    await Promise.all([found.serves(configMaps), found.serves(configMaps), found.serves(route('v1'))])
    expect(requests.map(({ path }) => path).toSorted()).toEqual([
      '/api',
      '/api/v1',
      '/apis',
      '/apis/gateway.networking.k8s.io/v1',
    ])
    served['/apis/gateway.networking.k8s.io/v1'] = {
      resources: [{ name: 'httproutes', kind: 'HTTPRoute', namespaced: true }],
    }
    expect(await found.serves(route('v1'))).toBe(false)
    found.refresh()
    expect(await found.serves(route('v1'))).toBe(true)
  })

  test('asks again after a failure', async () => {
    const { discovery: found, served } = discovery({ '/apis': undefined })
    await expect(found.serves(configMaps)).rejects.toThrow('404')
    served['/apis'] = answers['/apis']
    expect(await found.serves(configMaps)).toBe(true)
  })

  test('names every kind that is missing, with the versions that are there', async () => {
    const found = discovery().discovery
    const missing = await found.requireKinds([configMaps, split, { ...grant, version: 'v1alpha2' }, grant])
    expect(missing.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'AP3012 the cluster does not serve TrafficSplit (split.smi-spec.io/v1alpha4)',
      'AP3012 the cluster does not serve ReferenceGrant (gateway.networking.k8s.io/v1alpha2), only gateway.networking.k8s.io v1, v1beta1',
      'AP3012 the cluster does not serve ReferenceGrant (gateway.networking.k8s.io/v1beta1)',
    ])
  })
})

import { describe, expect, test } from 'vitest'
import { at, list } from './client.ts'
import { eventually, install, widgets } from './fixtures.ts'
import type { Connected } from './suite.ts'

/** How clients find out what a server has. */
export function discoveryTests(api: Connected): void {
  describe.concurrent('discovery', () => {
    test('the server is alive, ready, and says its version', async () => {
      for (const path of ['/livez', '/readyz', '/healthz']) {
        const { status, text } = await api().get(path)
        expect([status, text]).toEqual([200, 'ok'])
      }
      const { body } = await api().get('/version')
      expect(body).toMatchObject({ major: '1', gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/) })
    })

    test('groups and their versions are listed', async () => {
      const { body: core } = await api().get('/api')
      expect(core).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
      const { body } = await api().get('/apis')
      expect(body.kind).toBe('APIGroupList')
      const apps = list(body.groups).find((group) => at(group, 'name') === 'apps')
      expect(apps).toMatchObject({ preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } })
      expect((await api().get('/apis/apps')).body).toMatchObject({ kind: 'APIGroup', name: 'apps' })
    })

    test('the resources of a group are listed with their subresources', async () => {
      const { body } = await api().get('/apis/apps/v1')
      expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' })
      const resources = list(body.resources)
      expect(resources.find((one) => at(one, 'name') === 'deployments')).toMatchObject({
        singularName: 'deployment',
        namespaced: true,
        kind: 'Deployment',
        shortNames: ['deploy'],
        categories: ['all'],
        verbs: expect.arrayContaining(['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']),
      })
      const names = resources.map((one) => at(one, 'name'))
      expect(names).toEqual(expect.arrayContaining(['deployments/status', 'deployments/scale']))
    })

    test('everything is found in one aggregated request', async () => {
      const { body } = await api().request('GET', '/apis', {
        accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
      })
      expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' })
      const apps = list(body.items).find((item) => at(item, 'metadata', 'name') === 'apps')
      const resources = list(at(apps, 'versions', 0, 'resources'))
      expect(resources.find((one) => at(one, 'resource') === 'deployments')).toMatchObject({
        responseKind: { kind: 'Deployment' },
        scope: 'Namespaced',
        singularResource: 'deployment',
      })
    })

    test('a custom resource is discovered with its names', async () => {
      const kind = widgets({ type: 'object' }, { names: { shortNames: ['wd'], categories: ['all'] } })
      await install(api(), kind)
      await eventually(async () => (await api().get(`/apis/${kind.group}/v1`)).status === 200)
      const { body } = await api().get(`/apis/${kind.group}/v1`)
      expect(list(body.resources)[0]).toMatchObject({
        name: 'widgets',
        kind: 'Widget',
        shortNames: ['wd'],
        categories: ['all'],
      })
    })

    test('OpenAPI says that patches can be validated by the server', async () => {
      const { body: index } = await api().get('/openapi/v3')
      const url = String(at(index, 'paths', 'apis/apps/v1', 'serverRelativeURL'))
      const { body } = await api().get(url)
      const patch = at(body, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}', 'patch')
      expect(at(patch, 'x-kubernetes-group-version-kind')).toEqual({ group: 'apps', kind: 'Deployment', version: 'v1' })
      expect(list(at(patch, 'parameters')).map((one) => at(one, 'name'))).toContain('fieldValidation')
    })

    test('one can ask what one may do', async () => {
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } },
      }
      const { status, body } = await api().post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)
      expect(status).toBe(201)
      expect(at(body, 'status', 'allowed')).toBe(true)
    })
  })
}

import { beforeAll, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'
import { PlainClient } from '../support/cluster/client.ts'
import { describeMesh } from '../support/cluster/cluster.ts'
import { waitFor } from '../support/cluster/processes.ts'

const operator = 'canary-operator'
const folder = 'operators/canary'
const image = 'registry.example/team/canary:1.0'

describeMesh('istio', (cluster) => {
  const ap = (...args: string[]) => callAp([...args, '--kubeconfig', cluster.facts.kubeconfig])

  beforeAll(async () => {
    // What other suites have left would be another installation.
    await cluster.kubectl(['delete', 'deployment', '-A', '-l', `app.kubernetes.io/name=${operator}`])
  })

  test('whoever may not deploy is told so, and nothing is written', async () => {
    const namespace = await cluster.namespace('shop')
    await cluster.kubectl(['create', 'serviceaccount', 'guest', '-n', namespace])
    const { kubeconfig } = await cluster.serviceAccount(namespace, 'guest')
    const { code, stderr } = await callAp(['deploy', image, folder, '-n', namespace, '--kubeconfig', kubeconfig])
    expect(code).toBe(1)
    expect(stderr).toContain(`may not get, create or patch deployments.apps in the namespace ${namespace}`)
    expect(
      await cluster.kubectl([
        'get',
        'role,configmap,deployment',
        '-n',
        namespace,
        '-l',
        `app.kubernetes.io/name=${operator}`,
        '-o',
        'name',
      ]),
    ).toBe('')
  })

  test('from deploying to undeploying', async () => {
    const namespace = await cluster.namespace('shop')
    const tried = await ap('deploy', image, folder, '-n', namespace, '--dry-run')
    expect(tried).toMatchObject({ code: 0, stderr: '' })
    expect(tried.stdout).toContain(`would create     Deployment ${namespace}/${operator}\n`)

    const deployed = await ap('deploy', image, folder, '-n', namespace, '--wait')
    expect(deployed).toMatchObject({ code: 0, stderr: '' })
    expect(deployed.stdout).toContain(`available  Deployment ${namespace}/${operator}\n`)
    const again = await ap('deploy', image, folder, '-n', namespace, '--deletepods', '--wait')
    expect(again.stdout).not.toMatch(/^(created|configured)/m)
    expect(again.stdout).toMatch(new RegExp(`^deleted {4}Pod ${namespace}/${operator}-`, 'm'))

    const client = new PlainClient((await cluster.serviceAccount(namespace, operator)).access)
    const canariesIn = async (place: string) => {
      const path = `/apis/autopilot.examples.io/v1/namespaces/${place}/canarydeployments`
      return (await client.call('GET', path)).status
    }
    await waitFor('the operator may read its resources', async () => (await canariesIn(namespace)) === 200)
    expect(await canariesIn('default')).toBe(403)
    client.close()

    expect(await ap('status', folder, '-n', namespace)).toMatchObject({ code: 0 })
    const found = await ap('doctor', folder, '-n', namespace)
    expect(found.stdout).toContain(`ok    ${operator} is deployed in ${namespace}\n`)

    await cluster.kubectl(['apply', '-n', namespace, '-f', `${folder}/examples/canarydeployment.yaml`])
    expect(await ap('undeploy', folder, '-n', namespace)).toMatchObject({ code: 1 })
    const gone = await ap('undeploy', folder, '-n', namespace, '--cascade', '--traffic', 'keep')
    expect(gone).toMatchObject({ code: 0, stderr: '' })
    const left = ['get', 'role,rolebinding,configmap,service,deployment,pod,serviceaccount', '-n', namespace]
    await waitFor('nothing of it is left', async () => {
      return (await cluster.kubectl([...left, '-l', `app.kubernetes.io/name=${operator}`, '-o', 'name'])) === ''
    })
    await waitFor('the kind is gone', async () => {
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/canarydeployments.autopilot.examples.io'
      return (await cluster.client.call('GET', path)).status === 404
    })
  })
})

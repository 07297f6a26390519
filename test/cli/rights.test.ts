import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { missingRights } from '../../src/cli/cluster/rights.ts'
import { whoAmI } from '../../src/cli/cluster/who.ts'
import { formatDiagnostic } from '../../src/diagnostics/diagnostic.ts'
import { type Connection, connect } from '../../src/kube/connect.ts'

/** What an API server says to a user who may only get, and is called otherwise in the kubeconfig. */
const server = createServer(async (request, response) => {
  response.setHeader('content-type', 'application/json')
  if (request.url?.startsWith('/version')) return response.end('{"gitVersion":"v1.34.0"}')
  if (request.url?.endsWith('/selfsubjectreviews')) {
    response.statusCode = tells ? 201 : 404
    return response.end(JSON.stringify(tells ? { status: { userInfo: { username: 'oidc:jane' } } } : {}))
  }
  const review = JSON.stringify(await json(request))
  response.statusCode = 201
  return response.end(JSON.stringify({ status: { allowed: review.includes('"verb":"get"') } }))
})
let tells = true
let connection: Connection
let folder: string

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  folder = await mkdtemp(join(tmpdir(), 'ap-rights-'))
  const kubeconfig = join(folder, 'config')
  const port = typeof address === 'object' ? address?.port : ''
  const config = {
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'laptop', user: { token: 't' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'laptop' } }],
    'current-context': 'x',
  }
  await writeFile(kubeconfig, JSON.stringify(config))
  connection = await connect({ env: {}, kubeconfig, userAgent: 'test' })
})

afterAll(async () => {
  await connection.client.close()
  server.close()
  server.closeAllConnections()
  await rm(folder, { recursive: true })
})

const { signal } = new AbortController()

test('a user is who the API server says, and who the kubeconfig says where it does not', async () => {
  expect(await whoAmI(connection, signal)).toBe('oidc:jane')
  tells = false
  expect(await whoAmI(connection, signal)).toBe('laptop')
  tells = true
})

test('what is missing is one line for each resource and place, with all verbs', async () => {
  const roles = { group: 'rbac.authorization.k8s.io', plural: 'roles', namespaced: true }
  const nodes = { group: '', plural: 'nodes', namespaced: false }
  const missing = await missingRights(
    connection,
    [
      { kind: roles, namespace: 'shop', verbs: ['get', 'create', 'patch'] },
      { kind: roles, namespace: 'shop', verbs: ['patch', 'delete'] },
      { kind: roles, namespace: 'other', verbs: ['get', 'list'] },
      { kind: nodes, verbs: ['get'] },
    ],
    signal,
  )
  expect(missing.map(formatDiagnostic)).toEqual([
    'AP3011 oidc:jane may not create, patch or delete roles.rbac.authorization.k8s.io in the namespace shop. ' +
      'Grant it with a Role or ClusterRole that allows to create, patch or delete roles.rbac.authorization.k8s.io; ' +
      'the manifests under deploy/ have all that an operator needs.',
    expect.stringMatching(/^AP3011 oidc:jane may not list roles\.\S+ in the namespace other\./),
  ])
})

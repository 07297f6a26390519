import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type ConfigSource, findCluster } from '../../src/kube/kubeconfig.ts'

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function file(content: unknown): string {
  const path = join(folder, `config-${files++}`)
  writeFileSync(path, typeof content === 'string' ? content : stringify(content))
  return path
}

const config = {
  'current-context': 'dev',
  clusters: [
    { name: 'dev', cluster: { server: 'https://dev:6443/', 'certificate-authority': 'ca.crt' } },
    {
      name: 'prod',
      cluster: { server: 'https://prod:6443', 'insecure-skip-tls-verify': true, 'tls-server-name': 'api' },
    },
  ],
  users: [
    { name: 'me', user: { 'client-certificate': 'certs/me.crt', 'client-key': '/abs/me.key' } },
    { name: 'robot', user: { tokenFile: 'token', as: 'boss', 'as-groups': ['admins'] } },
  ],
  contexts: [
    { name: 'dev', context: { cluster: 'dev', user: 'me', namespace: 'shop' } },
    { name: 'prod', context: { cluster: 'prod', user: 'robot' } },
    { name: 'lost', context: { cluster: 'gone', user: 'me' } },
    { name: 'nobody', context: { cluster: 'dev', user: 'ghost' } },
  ],
}

const nowhere = { HOME: join(folder, 'no-home') }
const message = (source: ConfigSource) => {
  try {
    findCluster({ env: nowhere, serviceAccountFolder: join(folder, 'none'), ...source })
  } catch (error) {
    return String(error)
  }
  return 'found'
}

describe('the cluster', () => {
  test('is that of the current context, with its files beside the kubeconfig', () => {
    expect(findCluster({ kubeconfig: file(config) })).toMatchObject({
      context: 'dev',
      namespace: 'shop',
      cluster: { server: 'https://dev:6443', caFile: join(folder, 'ca.crt') },
      user: { name: 'me', certFile: join(folder, 'certs/me.crt'), keyFile: '/abs/me.key' },
    })
  })

  test('is that of the context asked for', () => {
    expect(findCluster({ kubeconfig: file(config), context: 'prod' })).toMatchObject({
      cluster: { server: 'https://prod:6443', skipTLSVerify: true, tlsServerName: 'api' },
      user: { tokenFile: join(folder, 'token'), impersonateUser: 'boss', impersonateGroups: ['admins'] },
      namespace: undefined,
    })
  })

  test('comes from all files of KUBECONFIG, of which the first wins and missing ones are left out', () => {
    const other = {
      ...config,
      clusters: [{ name: 'dev', cluster: { server: 'https://other' } }],
      'current-context': 'prod',
    }
    const env = { KUBECONFIG: [join(folder, 'missing'), file(config), file(other)].join(':') }
    expect(findCluster({ env })).toMatchObject({ context: 'dev', cluster: { server: 'https://dev:6443' } })
  })

  test('is the one around a pod when nothing else is named', async () => {
    const account = join(folder, 'account')
    await mkdir(account)
    for (const [name, content] of Object.entries({ token: 't', namespace: 'shop\n', 'ca.crt': 'c' })) {
      writeFileSync(join(account, name), content)
    }
    const env = { ...nowhere, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
    expect(findCluster({ env, serviceAccountFolder: account })).toMatchObject({
      cluster: { server: 'https://[fd00::1]:443', caFile: join(account, 'ca.crt') },
      user: { tokenFile: join(account, 'token') },
      namespace: 'shop',
    })
  })
})

describe('what is wrong is said with the file', () => {
  test.each([
    [
      'a missing file',
      () => ({ kubeconfig: join(folder, 'missing') }),
      /AP3005 the kubeconfig .*missing cannot be read: no such file/,
    ],
    ['no YAML', () => ({ kubeconfig: file('clusters: [}') }), /AP3006 .*config-\d+ is not a kubeconfig: .*line 1/],
    ['another kind of YAML', () => ({ kubeconfig: file('just words') }), /AP3006 .*it has no clusters/],
    [
      'a cluster without a server',
      () => ({ kubeconfig: file({ clusters: [{ name: 'x', cluster: {} }] }) }),
      /AP3006 .*server is missing/,
    ],
    [
      'a server that is no address',
      () => ({ kubeconfig: file({ clusters: [{ name: 'x', cluster: { server: 'dev:6443' } }] }) }),
      /AP3006 .*dev:6443 of the cluster x is no http/,
    ],
    [
      'an unknown context',
      () => ({ kubeconfig: file(config), context: 'dve' }),
      /AP3007 the context dve is not in .*, which has dev, prod/,
    ],
    [
      'a context without a cluster',
      () => ({ kubeconfig: file(config), context: 'lost' }),
      /AP3008 .* names the cluster gone/,
    ],
    [
      'a context without a user',
      () => ({ kubeconfig: file(config), context: 'nobody' }),
      /AP3008 .* names the user ghost/,
    ],
    [
      'no current context',
      () => ({ kubeconfig: file({ ...config, 'current-context': '' }) }),
      /AP3009 .*no current-context/,
    ],
    ['nothing at all', () => ({}), /AP3009 no cluster is configured: KUBECONFIG is not set/],
  ])('%s', (_, source, expected) => {
    expect(message(source())).toMatch(expected)
  })
})

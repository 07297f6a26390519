import { writeFile } from 'node:fs/promises'
import type { Access } from './client.ts'

/** Writes a kubeconfig file with one context for `access`; `namespace` is the one that commands use when they name none. */
export async function writeKubeconfig(file: string, access: Access, namespace = 'default'): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      {
        name: 'test',
        cluster: { server: access.url, 'certificate-authority-data': Buffer.from(access.ca).toString('base64') },
      },
    ],
    users: [{ name: 'test', user: access.token === undefined ? {} : { token: access.token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace } }],
  }
  // JSON is YAML too.
  await writeFile(file, JSON.stringify(config, undefined, 2), { mode: 0o600 })
}

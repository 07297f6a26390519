import { join } from 'node:path'
import type { Access, PlainClient } from './client.ts'
import { writeKubeconfig } from './kubeconfig.ts'

/** What a program needs to act as a ServiceAccount. */
export interface ServiceAccountAccess {
  /** As RBAC and the audit log know it. */
  readonly user: string
  readonly access: Access
  readonly kubeconfig: string
}

function tokenOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'status' in value) {
    const { status } = value
    if (typeof status === 'object' && status !== null && 'token' in status && typeof status.token === 'string') {
      return status.token
    }
  }
  throw new Error('the TokenRequest has no token')
}

/**
 * Asks for a token of a ServiceAccount that exists (TokenRequest, ten minutes is the least that the API server gives) and writes a
 * kubeconfig with it into `folder`.
 */
export async function serviceAccountAccess(
  admin: PlainClient,
  server: Access,
  account: { readonly namespace: string; readonly name: string },
  folder: string,
  expirationSeconds = 3600,
): Promise<ServiceAccountAccess> {
  const { namespace, name } = account
  const answer = await admin.ask('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds },
  })
  const access = { url: server.url, ca: server.ca, token: tokenOf(answer) }
  const kubeconfig = join(folder, `${namespace}.${name}.kubeconfig`)
  await writeKubeconfig(kubeconfig, access, namespace)
  return { user: `system:serviceaccount:${namespace}:${name}`, access, kubeconfig }
}

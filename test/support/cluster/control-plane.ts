import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { makeCertificates } from './certificates.ts'
import { type Access, PlainClient } from './client.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { freePorts } from './ports.ts'
import { type Running, start, waitFor } from './processes.ts'

/** A real etcd and kube-apiserver on loopback, with RBAC and an audit log. */
export interface ControlPlane {
  /** Of the user `admin`, who may do everything. */
  readonly admin: Access
  readonly auditLog: string
  /** Kubeconfig files for the parts of the cluster; each acts under a name of its own, so that the audit log tells them apart. */
  readonly kubeconfigs: Readonly<Record<'admin' | 'controllers' | 'scheduler' | 'kwok', string>>
  readonly clientCertificate: { readonly certificate: string; readonly key: string }
  readonly processes: readonly Running[]
}

/**
 * Every request once, when it is answered; a watch twice, when it starts and when it ends. What the API server asks of itself is left out.
 * Source: `audit.k8s.io/v1 Policy`.
 */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'None', users: ['system:apiserver'] }, { level: 'Metadata' }],
}

/** Starts both in `folder` and waits until `/readyz` says so. The caller stops `processes`, last one first. */
export async function startControlPlane(
  binaries: Binaries,
  folder: string,
  started: (running: Running) => void,
): Promise<ControlPlane> {
  const pki = join(folder, 'pki')
  const logs = join(folder, 'logs')
  await Promise.all([pki, logs].map((path) => mkdir(path, { recursive: true })))
  const certificates = await makeCertificates(pki)
  const [client = 0, peer = 0, secure = 0] = await freePorts(3)

  const users = ['admin', 'controllers', 'scheduler', 'kwok'] as const
  const tokens = Object.fromEntries(users.map((user) => [user, randomBytes(24).toString('hex')]))
  const tokenFile = join(folder, 'tokens.csv')
  await writeFile(tokenFile, users.map((user) => `${tokens[user]},${user},${user},"system:masters"\n`).join(''), {
    mode: 0o600,
  })
  const policyFile = join(folder, 'audit-policy.json')
  await writeFile(policyFile, JSON.stringify(auditPolicy))
  const auditLog = join(folder, 'audit.log')

  const etcdUrl = `http://127.0.0.1:${client}`
  const peerUrl = `http://127.0.0.1:${peer}`
  const etcd = await start(
    'etcd',
    binaries.etcd,
    [
      `--data-dir=${join(folder, 'etcd')}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
      '--name=test',
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=test=${peerUrl}`,
    ],
    logs,
  )
  started(etcd)
  const apiserver = await start(
    'kube-apiserver',
    binaries.apiserver,
    [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${secure}`,
      '--advertise-address=127.0.0.1',
      '--endpoint-reconciler-type=none',
      `--cert-dir=${pki}`,
      `--tls-cert-file=${certificates.serverCertificate}`,
      `--tls-private-key-file=${certificates.serverKey}`,
      `--client-ca-file=${certificates.ca}`,
      `--token-auth-file=${tokenFile}`,
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${certificates.serviceAccountPublicKey}`,
      `--service-account-signing-key-file=${certificates.serviceAccountKey}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      // Pods of a namespace made a moment ago would be refused until its default ServiceAccount is there; and the fake node would
      // keep the taint of a node that is not ready, as no node controller runs to take it off.
      '--disable-admission-plugins=ServiceAccount,TaintNodesByCondition',
      '--allow-privileged',
      `--audit-policy-file=${policyFile}`,
      `--audit-log-path=${auditLog}`,
      '--audit-log-mode=blocking',
      // So that deleting a namespace full of objects is not slowed by fairness meant for many tenants.
      '--enable-priority-and-fairness=false',
    ],
    logs,
  )
  started(apiserver)
  const processes = [etcd, apiserver]
  const url = `https://127.0.0.1:${secure}`
  const ca = await readFile(certificates.ca, 'utf8')
  const access = (user: (typeof users)[number]): Access => ({ url, ca, token: tokens[user] ?? '' })
  const probe = new PlainClient(access('admin'))
  await waitFor(
    'the API server is ready',
    () =>
      probe.call('GET', '/readyz').then(
        ({ status }) => status === 200,
        () => false,
      ),
    { processes },
  )
  probe.close()

  const kubeconfig = async (user: (typeof users)[number]) => {
    const file = join(folder, `${user}.kubeconfig`)
    await writeKubeconfig(file, access(user))
    return file
  }
  return {
    admin: access('admin'),
    auditLog,
    kubeconfigs: {
      admin: await kubeconfig('admin'),
      controllers: await kubeconfig('controllers'),
      scheduler: await kubeconfig('scheduler'),
      kwok: await kubeconfig('kwok'),
    },
    clientCertificate: { certificate: certificates.clientCertificate, key: certificates.clientKey },
    processes,
  }
}

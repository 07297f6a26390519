import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CounterpartMissing } from './binaries.ts'
import { command, findProgram } from './command.ts'

/** Files of a control plane's keys and certificates, all of them elliptic and made anew for each run. */
export interface Certificates {
  readonly ca: string
  readonly serverCertificate: string
  readonly serverKey: string
  /** A client's certificate that the server takes for the user `certificate-admin` of the group `system:masters`. */
  readonly clientCertificate: string
  readonly clientKey: string
  readonly serviceAccountKey: string
  readonly serviceAccountPublicKey: string
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc']

/** Makes them in `folder` with the `openssl` program; milliseconds each. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  if ((await findProgram('openssl')) === undefined)
    throw new CounterpartMissing('no openssl here: install it to make certificates')
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => command('openssl', args)
  await openssl(
    ...[
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      file('ca.key'),
      '-out',
      file('ca.crt'),
      '-days',
      '2',
      '-subj',
      '/CN=test-ca',
    ],
  )
  const issue = (name: string, subject: string, ...extensions: string[]) =>
    openssl(
      ...['req', '-x509', ...newKey, '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-days', '2', '-subj', subject],
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)],
      ...extensions.flatMap((extension) => ['-addext', extension]),
    )
  await issue(
    'server',
    '/CN=kube-apiserver',
    'basicConstraints=critical,CA:FALSE',
    'extendedKeyUsage=serverAuth',
    'subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc',
  )
  await issue(
    'client',
    '/O=system:masters/CN=certificate-admin',
    'basicConstraints=critical,CA:FALSE',
    'extendedKeyUsage=clientAuth',
  )
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  })
  await writeFile(file('sa.key'), privateKey, { mode: 0o600 })
  await writeFile(file('sa.pub'), publicKey)
  return {
    ca: file('ca.crt'),
    serverCertificate: file('server.crt'),
    serverKey: file('server.key'),
    clientCertificate: file('client.crt'),
    clientKey: file('client.key'),
    serviceAccountKey: file('sa.key'),
    serviceAccountPublicKey: file('sa.pub'),
  }
}

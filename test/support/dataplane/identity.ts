import { mkdtemp, readFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { isRecord } from '../../../src/kube/wire.ts'
import type { ServiceAccountRef } from '../../../src/mesh/access.ts'
import type { PlainClient } from '../cluster/client.ts'
import { command } from '../cluster/command.ts'
import { field, fieldsIn, framed, unframed } from './protobuf.ts'
import type { DataPlaneFacts } from './start-data-plane.ts'

/** Who a workload is: what istiod has certified. All in PEM. */
export interface Identity {
  readonly account: ServiceAccountRef
  readonly key: string
  /** Its own certificate first. */
  readonly chain: string
  readonly root: string
}

/** What istiod asks of tokens (security/pkg, TOKEN_AUDIENCES). */
const audience = 'istio-ca'

/**
 * Has istiod issue a certificate for a ServiceAccount, made if it is not there, as the agent beside a proxy does: a request for a certificate, sent with
 * a token of the account, which istiod has the API server review.
 */
export async function issueIdentity(
  client: PlainClient,
  { certificatePort, folder }: Pick<DataPlaneFacts, 'certificatePort' | 'folder'>,
  account: ServiceAccountRef,
): Promise<Identity> {
  const token = await tokenOf(client, account)
  const own = await mkdtemp(join(folder, 'identity-'))
  const key = join(own, 'key.pem')
  const request = join(own, 'request.pem')
  const uri = `URI:spiffe://cluster.local/ns/${account.namespace}/sa/${account.name}`
  await command('openssl', [
    ...['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', key],
    ...['-out', request, '-subj', '/O=tests', '-addext', `subjectAltName=${uri}`],
  ])
  const certificates = await certify(certificatePort, token, await readFile(request, 'utf8'))
  return { account, key: await readFile(key, 'utf8'), chain: certificates.join('\n'), root: certificates.at(-1) ?? '' }
}

async function tokenOf(client: PlainClient, { namespace, name }: ServiceAccountRef): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`
  const { status } = await client.call('POST', accounts, { metadata: { name } })
  if (status !== 201 && status !== 409) throw new Error(`ServiceAccount ${namespace}/${name}: ${status}`)
  const answer = await client.ask('POST', `${accounts}/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [audience], expirationSeconds: 3600 },
  })
  const token = isRecord(answer) && isRecord(answer['status']) ? answer['status']['token'] : undefined
  if (typeof token !== 'string') throw new Error('the TokenRequest has no token')
  return token
}

/** istio.v1.auth.IstioCertificateService: the request's field 1 is the CSR and 3 the seconds of its life; field 1 of the answer is the chain, its root last. */
function certify(port: number, token: string, csr: string): Promise<string[]> {
  // Whom it trusts itself comes with the answer.
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
  const answer = new Promise<string[]>((resolve, reject) => {
    session.on('error', reject)
    const stream = session.request({
      ':method': 'POST',
      ':path': '/istio.v1.auth.IstioCertificateService/CreateCertificate',
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: `Bearer ${token}`,
      clusterid: 'Kubernetes',
    })
    const chunks: Buffer[] = []
    let trouble = 'no status'
    const hear = (head: Readonly<Record<string, unknown>>) => {
      if (head['grpc-status'] !== undefined) trouble = `${head['grpc-status']} ${head['grpc-message'] ?? ''}`
    }
    stream.on('response', hear)
    stream.on('trailers', hear)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('end', () => {
      const [message] = unframed(Buffer.concat(chunks)).messages
      if (message === undefined) reject(new Error(`istiod issues no certificate: ${trouble}`))
      else resolve(fieldsIn(message).flatMap(({ number, value }) => (number === 1 ? [value.toString()] : [])))
    })
    stream.end(framed(Buffer.concat([field(1, csr), field(3, 3600)])))
  })
  return answer.finally(() => session.destroy())
}

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A certificate and its key in PEM, enough to sign others with. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
  readonly commonName: string
  readonly privateKey: KeyObject
}

export interface CertificateRequest {
  readonly commonName: string
  readonly organisation?: string
  /** Names and IPv4 addresses that a server's certificate is for. */
  readonly names?: readonly string[]
  /** Absent signs it by itself, as an authority. */
  readonly issuer?: TestCertificate
}

/** Makes an elliptic X.509 v3 certificate (RFC 5280), valid for an hour around now: without any program or library. */
export function makeCertificate({ commonName, organisation, names = [], issuer }: CertificateRequest): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const hour = 3_600_000
  const extensions = [
    extension('551d13', true, issuer === undefined ? sequence(tlv(0x01, Buffer.from([0xff]))) : sequence()),
  ]
  if (names.length > 0) extensions.push(extension('551d11', false, sequence(...names.map(generalName))))
  const body = sequence(
    tlv(0xa0, integer(2)),
    integer(Math.floor(Math.random() * 0x7fffffff) + 1),
    ecdsaWithSha256,
    name(issuer?.commonName ?? commonName),
    sequence(time(Date.now() - hour), time(Date.now() + hour)),
    name(commonName, organisation),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey)
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const base64 = der.toString('base64').replaceAll(/.{64}/g, '$&\n').trim()
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    commonName,
    privateKey,
  }
}

/** Tag, length, value: the one form of DER. */
function tlv(tag: number, ...parts: Uint8Array[]): Buffer {
  const value = Buffer.concat(parts)
  if (value.length < 0x80) return Buffer.concat([Buffer.from([tag, value.length]), value])
  const length = Buffer.from([value.length >> 8, value.length & 0xff])
  return Buffer.concat([Buffer.from([tag, 0x82]), length, value])
}

const sequence = (...parts: Uint8Array[]) => tlv(0x30, ...parts)
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'))
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  let start = 0
  while (start < 3 && bytes[start] === 0 && (bytes[start + 1] ?? 0) < 0x80) start++
  return tlv(0x02, bytes.subarray(start))
}

function name(commonName: string, organisation?: string): Buffer {
  const attribute = (type: string, value: string) => tlv(0x31, sequence(oid(type), tlv(0x0c, Buffer.from(value))))
  return sequence(
    ...(organisation === undefined ? [] : [attribute('55040a', organisation)]),
    attribute('550403', commonName),
  )
}

function time(ms: number): Buffer {
  return tlv(0x18, Buffer.from(new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')))
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [tlv(0x01, Buffer.from([0xff]))] : []), tlv(0x04, value))
}

function generalName(value: string): Buffer {
  const address = /^\d+\.\d+\.\d+\.\d+$/.test(value)
  return address ? tlv(0x87, Buffer.from(value.split('.').map(Number))) : tlv(0x82, Buffer.from(value))
}

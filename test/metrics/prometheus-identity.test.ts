import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PrometheusClient } from '../../src/metrics/prometheus-client.ts'
import type { PrometheusConfig } from '../../src/project/project.ts'
import { makeCertificates } from '../support/cluster/certificates.ts'
import { findProgram } from '../support/cluster/command.ts'
import { prometheusServer, send, vector } from '../support/prometheus-server.ts'
import { ScriptedClock } from './scripted-clock.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'autopilot-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const one = () => prometheusServer((response) => send(response, 200, vector('1')))
const value = { value: 1, warnings: [] }

function clientOf(url: string, config: Partial<PrometheusConfig> = {}): PrometheusClient & AsyncDisposable {
  const client = new PrometheusClient(
    { url, timeout: 5_000, insecureSkipVerify: false, ...config },
    new ScriptedClock(),
  )
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() })
}

describe('who asks', () => {
  test('a token file is read anew for each query', async () => {
    const bearerTokenFile = join(folder, 'token')
    await using server = await one()
    await using client = clientOf(server.url, { bearerTokenFile })
    for (const token of ['first\n', 'second']) {
      writeFileSync(bearerTokenFile, token)
      await client.query('x')
    }
    expect(server.asked.map(({ authorization }) => authorization)).toEqual(['Bearer first', 'Bearer second'])
  })

  test('without its token file nothing is asked', async () => {
    await using server = await one()
    const bearerTokenFile = join(folder, 'missing')
    await using client = clientOf(server.url, { bearerTokenFile })
    expect(await client.query('x')).toEqual({
      error: `the token file ${bearerTokenFile} cannot be read`,
      reached: false,
    })
    expect(server.asked).toEqual([])
  })

  test('credentials of the address are sent and never printed', async () => {
    await using server = await prometheusServer((response) => send(response, 403, ''))
    await using client = clientOf(server.url.replace('//', '//me:p%40ss@'))
    expect(JSON.stringify(await client.query('x'))).not.toContain('ss@')
    expect(server.asked[0]?.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  })
})

const skipped = (await findProgram('openssl')) === undefined && process.env['CI'] !== 'true'
if (skipped) console.warn('openssl is not here: trust in certificates of Prometheus is not tested')

describe.skipIf(skipped)('who answers', () => {
  test('a server is trusted by the CA file alone, or unchecked if that is wanted', async () => {
    const certificates = await makeCertificates(folder)
    await using server = await prometheusServer((response) => send(response, 200, vector('1')), {
      key: readFileSync(certificates.serverKey, 'utf8'),
      cert: readFileSync(certificates.serverCertificate, 'utf8'),
    })
    await using trusting = clientOf(server.url, { caFile: certificates.ca })
    expect(await trusting.query('x')).toEqual(value)
    await using careless = clientOf(server.url, { insecureSkipVerify: true })
    expect(await careless.query('x')).toEqual(value)
    await using strict = clientOf(server.url)
    expect(await strict.query('x')).toEqual({
      error: `Prometheus at ${server.url} has a certificate that is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE); check prometheus.caFile`,
    })
    const caFile = join(folder, 'no.crt')
    await using lost = clientOf(server.url, { caFile })
    expect(await lost.query('x')).toEqual({ error: `the CA file ${caFile} cannot be read`, reached: false })
  })

  test('a CA file that is replaced counts for the next query', async () => {
    const certificates = await makeCertificates(folder)
    await using server = await prometheusServer((response) => send(response, 200, vector('1')), {
      key: readFileSync(certificates.serverKey, 'utf8'),
      cert: readFileSync(certificates.serverCertificate, 'utf8'),
    })
    const caFile = join(folder, 'rotating.crt')
    writeFileSync(caFile, readFileSync(certificates.clientCertificate))
    await using client = clientOf(server.url, { caFile })
    expect(await client.query('x')).toMatchObject({ error: expect.stringContaining('not trusted') })
    writeFileSync(caFile, readFileSync(certificates.ca))
    expect(await client.query('x')).toEqual(value)
  })
})

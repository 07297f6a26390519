import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { freePort } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { findPrometheus, startPrometheus } from '../support/cluster/prometheus.ts'

const programs = await findPrometheus()

describe.skipIf(programs === undefined)('a real Prometheus', () => {
  test('scrapes a target and answers queries about it', async ({ onTestFinished }) => {
    if (programs === undefined) throw new Error('skipped without Prometheus')
    const target = createServer((_, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4').end('proxy_requests_total{code="200"} 7\n')
    })
    const port = await freePort()
    target.listen(port, '127.0.0.1')
    await once(target, 'listening')
    onTestFinished(() => void target.close())
    const prometheus = await startPrometheus(programs, [
      {
        job: 'proxy',
        address: `127.0.0.1:${port}`,
        labels: { pod: 'web-1' },
        relabel: [
          { source_labels: ['__name__'], regex: 'proxy_(.*)', target_label: '__name__', replacement: 'mesh_$1' },
        ],
      },
    ])
    onTestFinished(() => prometheus.stop())
    const query = async () => {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=mesh_requests_total`)
      return answer.json()
    }
    const found = { status: 'success', data: { result: [{ metric: { pod: 'web-1', code: '200' }, value: [{}, '7'] }] } }
    await waitFor('the target was scraped', async () => JSON.stringify(await query()).includes('mesh_requests_total'))
    expect(await query()).toMatchObject({ ...found, data: { result: [{ metric: { pod: 'web-1', code: '200' } }] } })
  })
})

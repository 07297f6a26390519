import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'
import { type EmbeddedCluster, embeddedCluster } from '../support/embedded-cluster.ts'
import { type FakePrometheus, prometheusServer, send, vector } from '../support/prometheus-server.ts'

const folder = 'operators/canary'
let cluster: EmbeddedCluster

beforeAll(async () => {
  cluster = await embeddedCluster()
  await cluster.install('istio')
})
afterAll(() => cluster.close())

test('ap doctor finds the cluster and the mesh, and what can be done next', async () => {
  const { code, stdout } = await cluster.ap('doctor', folder, '-o', 'json')
  const { checks } = JSON.parse(stdout) as { checks: { check: string; state: string }[] }
  expect(checks.map(({ check, state }) => `${check} ${state}`)).toEqual([
    'node ok',
    'project ok',
    'cluster ok',
    'mesh ok',
    'mesh ok',
    'rights ok',
    'operator unknown',
    'prometheus unknown',
  ])
  expect(code).toBe(0)
})

test('ap doctor without a cluster says what is wrong and goes on', async () => {
  const { code, stdout } = await callAp(['doctor', folder, '--kubeconfig', 'no/such/file'])
  expect(code).toBe(1)
  expect(stdout).toContain('FAIL  AP3005 the kubeconfig')
  expect(stdout).toContain('ok    canary-operator for CanaryDeployments, on istio\n')
})

describe('ap doctor asks Prometheus', () => {
  /** What it says of this address. */
  async function said(url: string): Promise<{ text: string; code: number | null }> {
    const { stdout, code } = await cluster.ap('doctor', folder, '--prometheus', url, '-o', 'json')
    const { checks } = JSON.parse(stdout) as {
      checks: { check: string; state: string; text: string; remedy?: string }[]
    }
    const lines = checks.filter(({ check }) => check === 'prometheus')
    return { text: lines.map(({ state, text, remedy = '' }) => `${state}: ${text}; ${remedy}`).join('\n'), code }
  }

  function having(series: string): Promise<FakePrometheus> {
    return prometheusServer((response, { query }) =>
      send(response, 200, query === 'vector(1)' ? vector('1') : vector(...(series === '' ? [] : [series]))),
    )
  }

  test('for the series of the mesh, behind the path of its address', async () => {
    await using server = await having('3')
    const { text, code } = await said(`${server.url}/prometheus/`)
    expect(code).toBe(0)
    expect(text).toContain(`ok: Prometheus answers at ${server.url}/prometheus; `)
    expect(text).toContain('ok: it has istio’s istio_request')
  })

  test('and says what to do where it has none of them', async () => {
    await using server = await having('')
    const { text, code } = await said(server.url)
    expect(code).toBe(1)
    expect(text).toMatch(/failed: it has no istio_request_duration.*let Prometheus scrape the mesh’s proxies/)
  })

  test('and does not take a question that was refused for series that are not there', async () => {
    await using server = await prometheusServer((response, { query }) =>
      query === 'vector(1)' ? send(response, 200, vector('1')) : send(response, 403, ''),
    )
    const { text, code } = await said(server.url)
    expect(code).toBe(1)
    expect(text).toContain('does not allow the query (HTTP 403)')
    expect(text).not.toContain('it has no')
  })

  test('and where it is reached and has no answer, nobody is told to forward a port', async () => {
    await using lost = await prometheusServer((response) => send(response, 404, 'page not found'))
    await using page = await prometheusServer((response) => send(response, 200, '<html>Log in</html>'))
    await using secured = await prometheusServer((response) =>
      send(response, 400, 'Client sent an HTTP request to an HTTPS server.\n'),
    )
    const problems = {
      [lost.url]: 'has no /api/v1/query (HTTP 404); check that prometheus.url is its base address',
      [page.url]: `the answer is not Prometheus' (it starts with "<html>Log in</html>")`,
      [secured.url]: 'speaks TLS only (HTTP 400); prometheus.url begins with https:// then',
      [page.url.replace('http:', 'https:')]: 'does not speak TLS as it is asked to',
    }
    for (const [url, problem] of Object.entries(problems)) {
      const { text, code } = await said(url)
      expect(code).toBe(1)
      expect(text).toContain(`failed: Prometheus at ${url} `)
      expect(text).toContain(problem)
      expect(text.split('\n')).toHaveLength(1)
      expect(text).not.toContain('kubectl port-forward')
    }
  })

  test('and an address that the user named has to answer', async () => {
    const { text, code } = await said('http://127.0.0.1:1')
    expect(code).toBe(1)
    expect(text).toMatch(
      /^failed: Prometheus at http:\/\/127.0.0.1:1 cannot be reached: the connection was refused; See that it/,
    )
  })
})

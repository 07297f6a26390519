import { createServer } from 'node:http'

/** Something that answers every query as Prometheus answers one that gives a single number (/api/v1/query). */
export async function startSteadyPrometheus(value: number): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer((_request, response) => {
    const data = { resultType: 'vector', result: [{ metric: {}, value: [Date.now() / 1000, String(value)] }] }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ status: 'success', data }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

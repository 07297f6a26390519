import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An API server that knows pods of the canary operator and what they say, and nothing else. */
export interface PodLogs {
  readonly kubeconfig: string
  close(): Promise<void>
}

/** An answer that is an error, as a Status has it. */
interface Refusal {
  readonly code: number
  readonly message: string
}

/** Starts it with these pods; `log` may answer by what is asked for. */
export async function startPodLogs(
  logs: Readonly<Record<string, string>>,
  log: (pod: string, query: URLSearchParams) => string | Refusal | undefined = (pod) => logs[pod],
): Promise<PodLogs> {
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const pod = /\/pods\/([^/]+)\/log/.exec(path)?.[1]
    if (pod !== undefined) {
      const answer = log(pod, new URL(path, 'http://x').searchParams)
      if (typeof answer !== 'object') return response.end(answer)
      response.statusCode = answer.code
      return response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...answer }))
    }
    const items = Object.keys(logs).map((name) => ({ metadata: { name, namespace: 'canary-operator' } }))
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(path.startsWith('/version') ? { gitVersion: 'v1.34.0' } : { metadata: {}, items }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const folder = await mkdtemp(join(tmpdir(), 'ap-logs-'))
  const kubeconfig = join(folder, 'config')
  const config = {
    clusters: [
      { name: 'c', cluster: { server: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` } },
    ],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  await writeFile(kubeconfig, JSON.stringify(config))
  return {
    kubeconfig,
    async close() {
      server.close()
      server.closeAllConnections()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

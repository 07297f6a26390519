import { ApiError, type Call } from '../../kube/errors.ts'
import { queryString } from '../../kube/resource-path.ts'
import { readLines, readText } from '../../kube/response-body.ts'
import type { Transport } from '../../kube/transport.ts'
import { readStatus } from '../../kube/wire.ts'

export interface LogRequest {
  readonly namespace: string
  readonly pod: string
  readonly follow: boolean
  /** Lines from the end; all unless given. */
  readonly tail?: number | undefined
  readonly sinceSeconds?: number | undefined
  /** RFC 3339; lines of this very moment are left out, as they have been read. */
  readonly after?: string | undefined
}

export interface LogLine {
  /** RFC 3339 with nanoseconds, by the kubelet. */
  readonly time: string
  readonly text: string
}

/**
 * The lines of a pod's only container. While it follows, the stream ends when the container does, or the connection.
 *
 * @throws ApiError when the API server refuses, ConnectionError when the connection breaks
 */
export async function* podLog(transport: Transport, request: LogRequest, signal: AbortSignal): AsyncIterable<LogLine> {
  const { namespace, pod, follow, tail, sinceSeconds, after } = request
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`
  const query = queryString({
    timestamps: true,
    ...(follow && { follow }),
    tailLines: tail,
    sinceSeconds: after === undefined ? sinceSeconds : undefined,
    sinceTime: after,
  })
  // As a watch: it has a connection of its own, on which nothing may come for long.
  const call = { verb: follow ? 'watch' : 'raw', resource: 'pods/log' } as const
  const headers = { accept: '*/*' }
  const response = await transport.send({ method: 'GET', path: path + query, headers, signal, call })
  if (response.status !== 200) {
    const about: Call = { ...call, target: `${namespace}/${pod}` }
    throw new ApiError(about, response.status, readStatus(await readText(response.body)))
  }
  for await (const line of readLines(response.body)) {
    const space = line.indexOf(' ')
    const time = line.slice(0, space < 0 ? line.length : space)
    if (after === undefined || time > after) yield { time, text: space < 0 ? '' : line.slice(space + 1) }
  }
}

import { request } from 'node:https'
import type { KubeObject } from '../../../src/kube/object.ts'
import type { Access } from '../cluster/client.ts'

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
}

export interface WatchStream {
  /** Throws when the stream has ended by itself, for then something is missing from what it told. */
  assertOpen(): void
  stop(): void
}

/**
 * Watches one collection from its present state on, with Node's HTTPS client and nothing of the project. Resolves when the
 * server has answered; throws when it did so with an error.
 */
export function watchStream(access: Access, path: string, onEvent: (event: WatchEvent) => void): Promise<WatchStream> {
  const { promise, resolve, reject } = Promise.withResolvers<WatchStream>()
  let ended: string | undefined
  let stopped = false
  const call = request(
    new URL(`${path}?watch=true`, access.url),
    {
      ca: access.ca,
      agent: false,
      headers: { accept: 'application/json', 'user-agent': 'test-harness', authorization: `Bearer ${access.token}` },
    },
    (response) => {
      if (response.statusCode !== 200) {
        response.resume()
        reject(new Error(`watching ${path} gave ${response.statusCode}`))
        return
      }
      resolve({
        assertOpen() {
          if (ended !== undefined) throw new Error(`the watch of ${path} has ended: ${ended}`)
        },
        stop() {
          stopped = true
          call.destroy()
        },
      })
      let rest = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const event: unknown = JSON.parse(line)
          if (isEvent(event)) onEvent(event)
          else ended = line
        }
      })
      response.on('close', () => {
        ended ??= 'closed by the server'
      })
    },
  )
  call.on('error', (error) => {
    if (stopped) return
    ended ??= error.message
    reject(error)
  })
  call.end()
  return promise
}

function isEvent(value: unknown): value is WatchEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    (value.type === 'ADDED' || value.type === 'MODIFIED' || value.type === 'DELETED') &&
    'object' in value
  )
}

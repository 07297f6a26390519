import { Agent, request } from 'node:https'

/** How to reach an API server. */
export interface Access {
  readonly url: string
  /** The certificate authority of the server, PEM. */
  readonly ca: string
  /** Bearer token; without one a request is anonymous. */
  readonly token?: string
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/**
 * The harness' own way to talk to the API server: Node's HTTPS client and nothing of the project, so that what the tests call the
 * truth does not come from the code that they test.
 */
export class PlainClient {
  readonly #access: Access
  readonly #agent: Agent

  constructor(access: Access) {
    this.#access = access
    this.#agent = new Agent({ ca: access.ca, keepAlive: true })
  }

  /** One request. Every answer of the server is given back, errors too; throws only when there is no answer. */
  call(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> {
    const { url, token } = this.#access
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const call = request(
        new URL(path, url),
        {
          method,
          agent: this.#agent,
          timeout: 30_000,
          headers: {
            accept: 'application/json',
            'user-agent': 'test-harness',
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(text === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
          },
        },
        (response) => {
          let answer = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            answer += chunk
          })
          response.on('error', reject)
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(answer) }))
        },
      )
      call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer after 30 s`)))
      call.on('error', reject)
      call.end(text)
    })
  }

  /** Like `call`, and throws unless the server answered with success. */
  async ask(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown> {
    const answer = await this.call(method, path, body, contentType)
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(`${method} ${path} gave ${answer.status}: ${JSON.stringify(answer.body)}`)
    }
    return answer.body
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Most answers are JSON; those of `/readyz` and the like are text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

import type { MeshRequest } from '../../../src/mesh/routing.ts'
import type { Answer } from './client.ts'
import type { DataPlane } from './data-plane.ts'

/** How many requests are under way at a time. */
const width = 8

/**
 * Sends just so many requests and gives all of their answers. Of requests of which more are sent, the slow ones would be under way more
 * often than answered in time, and have less than their share. Throws where one has no answer at all.
 */
export async function sendMany(mesh: DataPlane, request: MeshRequest, count: number): Promise<Answer[]> {
  const answers: Answer[] = []
  let sent = 0
  const line = async () => {
    while (sent < count) {
      sent += 1
      answers.push(await mesh.send(request))
    }
  }
  await Promise.all(Array.from({ length: width }, line))
  return answers
}

/** A steady stream of one request that goes on while the mesh is changed. */
export class RequestStream {
  readonly answers: Answer[] = []
  /** What went wrong without an answer. */
  readonly failures: unknown[] = []
  readonly #mesh: DataPlane
  readonly #request: MeshRequest
  readonly #lines: Promise<void>[]
  #counted = Promise.withResolvers<void>()
  #goal = 0
  #over = false
  /** The bound of the whole stream, so that a test that fails does not send for ever. */
  readonly #most = 50_000

  private constructor(mesh: DataPlane, request: MeshRequest) {
    this.#mesh = mesh
    this.#request = request
    this.#lines = Array.from({ length: width }, () => this.#send())
  }

  static start(mesh: DataPlane, request: MeshRequest): RequestStream {
    return new RequestStream(mesh, request)
  }

  /** The answers to `count` requests that are sent from now on. */
  async next(count: number): Promise<Answer[]> {
    // As many are under way, sent before.
    const from = this.answers.length + this.#lines.length
    this.#counted = Promise.withResolvers()
    this.#goal = from + count
    await this.#counted.promise
    return this.answers.slice(from, from + count)
  }

  /** Resolves when the last answer is there. */
  async stop(): Promise<void> {
    this.#over = true
    await Promise.all(this.#lines)
  }

  async #send(): Promise<void> {
    while (!this.#over && this.answers.length + this.failures.length < this.#most) {
      try {
        this.answers.push(await this.#mesh.send(this.#request))
      } catch (error) {
        this.failures.push(error)
      }
      if (this.answers.length + this.failures.length >= this.#goal) this.#counted.resolve()
    }
    this.#counted.resolve()
  }
}

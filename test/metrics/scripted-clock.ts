import type { Clock } from '../../src/kube/clock.ts'

/** Pauses take no time and are written down; deadlines come when `expire` says so. */
export class ScriptedClock implements Clock {
  readonly pauses: number[] = []
  readonly #deadlines = new Set<() => void>()
  now = () => 0
  elapsed = () => 0

  async sleep(ms: number): Promise<void> {
    this.pauses.push(ms)
  }

  after(_ms: number, action: () => void): () => void {
    this.#deadlines.add(action)
    return () => this.#deadlines.delete(action)
  }

  get pending(): number {
    return this.#deadlines.size
  }

  expire(): void {
    for (const action of this.#deadlines) action()
  }
}

/** One thing to do at a time of the virtual clock. */
export interface Timer {
  readonly due: number
  readonly order: number
  readonly action: () => void
  cancelled: boolean
}

/** Timers by time, those of one instant in the order in which they were set: a binary heap. Cancelled ones are dropped when met. */
export class TimerQueue {
  readonly #heap: Timer[] = []
  #order = 0

  add(due: number, action: () => void): Timer {
    const timer: Timer = { due, order: this.#order++, action, cancelled: false }
    this.#heap.push(timer)
    this.#rise(this.#heap.length - 1)
    return timer
  }

  /** The next timer that is still wanted; it stays in the queue. */
  peek(): Timer | undefined {
    while (this.#heap[0]?.cancelled === true) this.#removeFirst()
    return this.#heap[0]
  }

  /** Takes the next timer out. */
  take(): Timer | undefined {
    const first = this.peek()
    if (first !== undefined) this.#removeFirst()
    return first
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(start: number): void {
    let index = start
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#swapIfBefore(index, parent)) return
      index = parent
    }
  }

  #sink(start: number): void {
    let index = start
    for (;;) {
      const left = index * 2 + 1
      const child = this.#before(left + 1, left) ? left + 1 : left
      if (!this.#swapIfBefore(child, index)) return
      index = child
    }
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    if (!this.#before(lower, upper)) return false
    const [first, second] = [this.#heap[lower], this.#heap[upper]]
    if (first === undefined || second === undefined) return false
    this.#heap[upper] = first
    this.#heap[lower] = second
    return true
  }

  #before(first: number, second: number): boolean {
    const [a, b] = [this.#heap[first], this.#heap[second]]
    if (a === undefined || b === undefined) return false
    return a.due < b.due || (a.due === b.due && a.order < b.order)
  }
}

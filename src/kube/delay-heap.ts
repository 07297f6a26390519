interface Entry<T> {
  readonly item: T
  readonly readyAt: number
  readonly order: number
}

/** So many are not worth tidying up. */
const fewPlaces = 64

/** Items by the time they become ready, those of one instant in the order in which they came: a binary heap. */
export class DelayHeap<T extends { readonly readyAt: number }> {
  readonly #heap: Entry<T>[] = []
  readonly #entries = new Map<T, Entry<T>>()
  #order = 0

  add(item: T): void {
    const entry = { item, readyAt: item.readyAt, order: this.#order++ }
    this.#entries.set(item, entry)
    this.#heap.push(entry)
    this.#up(this.#heap.length - 1)
  }

  /** Takes an item out. Its place in the heap is freed when it comes to the top, or when most places are of such items. */
  remove(item: T): void {
    this.#entries.delete(item)
    if (this.#heap.length > fewPlaces && this.#heap.length > 2 * this.#entries.size) this.#compact()
  }

  /** Places in use; never much more than there are items. */
  get places(): number {
    return this.#heap.length
  }

  #compact(): void {
    const kept = this.#heap.filter((entry) => this.#entries.get(entry.item) === entry)
    // A list that is sorted is a heap.
    kept.sort((a, b) => a.readyAt - b.readyAt || a.order - b.order)
    this.#heap.splice(0, this.#heap.length, ...kept)
  }

  peek(): T | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#entries.get(top.item) === top) return top.item
      this.#pop()
    }
    return undefined
  }

  take(): T | undefined {
    const item = this.peek()
    if (item === undefined) return undefined
    this.#entries.delete(item)
    this.#pop()
    return item
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#down(0)
  }

  #up(start: number): void {
    let index = start
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#swapIfBefore(index, parent)) return
      index = parent
    }
  }

  #down(start: number): void {
    let index = start
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      const child = this.#before(right, left) ? right : left
      if (!this.#swapIfBefore(child, index)) return
      index = child
    }
  }

  #before(a: number, b: number): boolean {
    const first = this.#heap[a]
    const second = this.#heap[b]
    if (first === undefined || second === undefined) return false
    return first.readyAt < second.readyAt || (first.readyAt === second.readyAt && first.order < second.order)
  }

  #swapIfBefore(a: number, b: number): boolean {
    const first = this.#heap[a]
    const second = this.#heap[b]
    if (first === undefined || second === undefined || !this.#before(a, b)) return false
    this.#heap[a] = second
    this.#heap[b] = first
    return true
  }
}

/**
 * Seeded random numbers (sfc32 by Chris Doty-Humphrey, PractRand). The same seed and stream give the same numbers on every
 * machine; streams of one seed are independent, so that one more draw in one place changes nothing elsewhere.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1
  #spareNormal: number | undefined

  constructor(seed: number, stream: string) {
    let hash = 2166136261 ^ seed
    for (let index = 0; index < stream.length; index++) hash = Math.imul(hash ^ stream.charCodeAt(index), 16777619)
    this.#a = hash | 0
    this.#b = seed | 0
    this.#c = Math.floor(seed / 2 ** 32) | 0
    for (let round = 0; round < 15; round++) this.next()
  }

  /** From 0 (included) to 1 (excluded). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** Of the normal distribution with mean 0 and deviation 1 (Box and Muller). */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal
      this.#spareNormal = undefined
      return spare
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    const angle = 2 * Math.PI * this.next()
    this.#spareNormal = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}

import fc from 'fast-check'
import { stringify } from 'yaml'

export interface LawOptions {
  /** How many cases are tried; each law has a number of its own that takes well under a second. */
  readonly numRuns?: number
  /** Repeats a run: the seed that a failure printed. */
  readonly seed?: number
  /** Told of every generated case for which a law held, with the facts that the law is about by name. */
  readonly witness?: (given: object) => void
}

/** What holds of every adapter that keeps its contract (`MeshAdapter`). */
export interface Law {
  /** A sentence about the adapter. */
  readonly name: string
  /** @throws LawBroken with the smallest case found */
  check(options?: LawOptions): void
}

/** What speaks against a law: facts by name, printed beside the case. */
export type Contradiction = Readonly<Record<string, unknown>>

/** A law that does not hold. The message has the smallest case that shows it, as YAML. */
export class LawBroken extends Error {
  override readonly name = 'LawBroken'
  readonly seed: number | undefined

  constructor(law: string, facts: Contradiction, seed?: number) {
    const yaml = stringify(plain(facts), { aliasDuplicateObjects: false, lineWidth: 0 })
    const again = seed === undefined ? '' : ` (seed ${seed})`
    super(`the adapter breaks the law "${law}"${again}:\n${yaml}`)
    this.seed = seed
  }
}

/**
 * A law about generated cases. `contradiction` tells what is wrong in a case, undefined when nothing is; what it throws is
 * wrong too. It is called again for the smallest case, so it has to be pure.
 */
export function generatedLaw<Case extends object>(
  name: string,
  usualRuns: number,
  cases: fc.Arbitrary<Case>,
  contradiction: (given: Case) => Contradiction | undefined,
): Law {
  return {
    name,
    check({ numRuns = usualRuns, seed, witness } = {}) {
      const holds = fc.property(cases, (given) => {
        if (caught(() => contradiction(given)) !== undefined) return false
        witness?.(given)
        return true
      })
      const run = fc.check(holds, { numRuns, ...(seed !== undefined && { seed }) })
      if (!run.failed) return
      const [smallest] = run.counterexample ?? []
      const found = smallest === undefined ? { problem: 'no case was tried' } : caught(() => contradiction(smallest))
      throw new LawBroken(name, { ...smallest, ...found }, run.seed)
    },
  }
}

/** A law about something there is only one of. */
export function singleLaw(name: string, contradiction: () => Contradiction | undefined): Law {
  return {
    name,
    check() {
      const found = caught(contradiction)
      if (found !== undefined) throw new LawBroken(name, found)
    },
  }
}

/** Whether two values are the same as data: what JSON does not keep makes no difference, nor does the order of fields. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isCollection(a) || !isCollection(b)) return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameData(item, b[i]))
  const [fields, others] = [fieldsOf(a), new Map(fieldsOf(b))]
  return fields.length === others.size && fields.every(([name, value]) => sameData(value, others.get(name)))
}

/** What JSON writes as a list or as fields of its own. */
function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !('toJSON' in value)
}

/** As JSON, without those that have no value. */
function fieldsOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, field]) => field !== undefined && typeof field !== 'function')
}

/** Undefined when both are the same as data. */
export function difference(expected: unknown, got: unknown): Contradiction | undefined {
  return sameData(expected, got) ? undefined : { expected, got }
}

function caught(contradiction: () => Contradiction | undefined): Contradiction | undefined {
  try {
    return contradiction()
  } catch (error) {
    return { thrown: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function plain(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}

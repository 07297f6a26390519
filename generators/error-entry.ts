import { catalogue, type DiagnosticCode } from '../src/diagnostics/catalogue.ts'

/** An entry of the catalogue with `<fact>` in place of the facts that a message is about. */
export interface ErrorEntry {
  readonly code: string
  readonly title: string
  readonly text: string
  readonly remedy: string
}

/** Whether there is such a code. */
export function isCode(code: string): code is DiagnosticCode {
  return Object.hasOwn(catalogue, code)
}

/** Describes one code. */
export function errorEntry(code: DiagnosticCode): ErrorEntry {
  const name: string = code
  const entry: { title: string; text: Writer; remedy: string | Writer } = Reflect.get(catalogue, name)
  const remedy = typeof entry.remedy === 'string' ? entry.remedy : entry.remedy(placeholders)
  return { code, title: entry.title, text: entry.text(placeholders), remedy }
}

type Writer = (facts: unknown) => string

/** Facts of which each is its own name: `<apex>`. */
const placeholders = new Proxy(
  {},
  { get: (_facts, name) => (typeof name === 'string' ? `<${name}>` : undefined), has: () => true },
)

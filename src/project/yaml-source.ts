import { type Document, isScalar, LineCounter, parseAllDocuments, type YAMLError } from 'yaml'
import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic, SourcePosition } from '../diagnostics/diagnostic.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import { deepest, YamlTree } from './yaml-tree.ts'

/** No file of a project comes near this; parsing more of the worst text would hold up a running operator for seconds. */
export const largestFile = 256 * 1024
/** One slip in YAML can be the cause of a hundred errors; the first ones tell it. */
const shownSyntaxErrors = 5

/** A YAML document as plain JSON values, with the place of each of them. Pointers are those of RFC 6901 (`/phases/0/name`). */
export interface YamlSource {
  readonly file: string
  readonly value: unknown
  /** Where a value stands; where its nearest parent stands if there is no such value. */
  at(pointer: string): SourcePosition
  /** Where the name of a field stands; the place of the value for items of lists. */
  atKey(pointer: string): SourcePosition
}

/**
 * Reads one YAML document the way Kubernetes tools do (YAML 1.1 scalars, merge keys). Byte order marks and CRLF are fine.
 * Throws a DiagnosticError with everything that is wrong with the syntax; never anything else, whatever the text.
 */
export function readYaml(text: string, file: string): YamlSource {
  const start = { file, line: 1, column: 1 }
  const size = Buffer.byteLength(text)
  if (size > largestFile) {
    throw new DiagnosticError([diagnostic('AP1007', { size: String(size), limit: String(largestFile) }, start)])
  }
  const lines = new LineCounter()
  const position = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  try {
    const document = onlyDocument(text.replace(/^\uFEFF/, ''), lines, position)
    if (document === undefined) throw new DiagnosticError([diagnostic('AP1002', undefined, start)])
    const tree = new YamlTree(document.contents, position)
    if (tree.problems.length > 0) throw new DiagnosticError(tree.problems)
    return {
      file,
      value: tree.value,
      at: (pointer) => position(tree.offset(pointer)),
      atKey: (pointer) => position(tree.keyOffset(pointer)),
    }
  } catch (error) {
    if (error instanceof DiagnosticError) throw error
    // The parser recurses: a text of brackets alone exhausts the stack before there is a tree to look at.
    if (error instanceof RangeError) {
      throw new DiagnosticError([diagnostic('AP1011', { limit: String(deepest) }, start)], { cause: error })
    }
    const problem = error instanceof Error ? error.message : String(error)
    throw new DiagnosticError([diagnostic('AP1001', { problem: sentence(problem) }, start)], { cause: error })
  }
}

function onlyDocument(
  text: string,
  lines: LineCounter,
  position: (offset: number) => SourcePosition,
): Document | undefined {
  const documents: Document[] = [
    ...parseAllDocuments(text, {
      version: '1.1',
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false, // checked with both places by YamlTree
      logLevel: 'silent',
    }),
  ]
  const problems: Diagnostic[] = documents
    .flatMap((document) => [...document.errors, ...document.warnings])
    .slice(0, shownSyntaxErrors)
    .map((error) => syntaxProblem(error, position(error.pos[0])))
  const [first, second] = documents.filter((document) => !isEmpty(document))
  if (second !== undefined) problems.push(diagnostic('AP1003', undefined, position(second.contents?.range?.[0] ?? 0)))
  if (problems.length > 0) throw new DiagnosticError(problems)
  return first
}

/** The parser recurses and reports its own overflow as an error of the text. */
function syntaxProblem({ code, message }: YAMLError, position: SourcePosition): Diagnostic {
  if (code === 'RESOURCE_EXHAUSTION') {
    return diagnostic('AP1011', { limit: String(deepest) }, position)
  }
  return diagnostic('AP1001', { problem: sentence(message) }, position)
}

/** A document without content, such as what follows a bare `---` at the end of a file. */
function isEmpty({ contents }: Document): boolean {
  return contents === null || (isScalar(contents) && contents.value === null)
}

/** The parser's messages run over several lines and end in full stops; ours are one sentence without. */
function sentence(message: string): string {
  return message.replace(/\s+/g, ' ').trim().replace(/\.$/, '')
}

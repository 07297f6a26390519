import { type Document, isScalar, LineCounter, parseAllDocuments } from 'yaml'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { type Diagnostic, DiagnosticError, type SourcePosition } from '../diagnostics/diagnostic.ts'
import type { FieldPath } from '../mesh/object-reading.ts'
import { child } from '../project/pointer.ts'
import { deepest, YamlTree } from '../project/yaml-tree.ts'

/** One document of a file as plain JSON values, with the place of each of them. */
export interface YamlDocument {
  readonly value: unknown
  at(path: FieldPath): SourcePosition
  atKey(path: FieldPath): SourcePosition
}

/** A cluster's objects of one kind in one list come to tens of thousands of values. */
const largestDocument = 2_000_000
/** One slip in YAML can be the cause of a hundred errors; the first ones tell it. */
const shownSyntaxErrors = 5

/**
 * The documents of a text, without the empty ones, read as kubectl reads them: YAML 1.1 scalars but for base 60, which Go's
 * parser does not have; JSON is read as JSON.
 * Throws a DiagnosticError with everything that is wrong with the syntax; never anything else, whatever the text.
 */
export function readYamlDocuments(text: string, file: string): YamlDocument[] {
  const lines = new LineCounter()
  const position = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  try {
    return parse(text.replace(/^\uFEFF/, ''), lines, position).map((document) => located(document, position))
  } catch (error) {
    if (error instanceof DiagnosticError) throw error
    const start = { file, line: 1, column: 1 }
    // The parser recurses: a text of brackets alone exhausts the stack before there is a tree to look at.
    if (error instanceof RangeError) {
      throw new DiagnosticError([diagnostic('AP1011', { limit: String(deepest) }, start)], { cause: error })
    }
    const problem = error instanceof Error ? error.message : String(error)
    throw new DiagnosticError([diagnostic('AP1001', { problem: sentence(problem) }, start)], { cause: error })
  }
}

function parse(text: string, lines: LineCounter, position: (offset: number) => SourcePosition): Document[] {
  const documents: Document[] = [
    ...parseAllDocuments(text, {
      version: /^\s*[{[]/.test(text) ? '1.2' : '1.1',
      customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.format !== 'TIME'),
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false, // checked with both places by YamlTree
      logLevel: 'silent',
    }),
  ]
  const problems: Diagnostic[] = documents
    .flatMap((document) => [...document.errors, ...document.warnings])
    .slice(0, shownSyntaxErrors)
    .map(({ message, pos }) =>
      // The parser recurses, and tells of an exhausted stack as if it were an error of syntax.
      /call stack/.test(message)
        ? diagnostic('AP1011', { limit: String(deepest) }, position(pos[0]))
        : diagnostic('AP1001', { problem: sentence(message) }, position(pos[0])),
    )
  if (problems.length > 0) throw new DiagnosticError(problems)
  return documents.filter(({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null))
}

function located({ contents }: Document, position: (offset: number) => SourcePosition): YamlDocument {
  const tree = new YamlTree(contents, position, largestDocument)
  if (tree.problems.length > 0) throw new DiagnosticError(tree.problems)
  return {
    // The tree's objects have no prototype, which not every reader of objects expects.
    value: JSON.parse(JSON.stringify(tree.value)),
    at: (path) => position(tree.offset(pointerOf(path))),
    atKey: (path) => position(tree.keyOffset(pointerOf(path))),
  }
}

function pointerOf(path: FieldPath): string {
  return path.reduce<string>(child, '')
}

/** The parser's messages run over several lines and end in full stops; ours are one sentence without. */
function sentence(message: string): string {
  return message.replace(/\s+/g, ' ').trim().replace(/\.$/, '')
}

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'

/** One file of test/corpus: an object that servers refuse, or a near miss of one that they take. */
export interface CorpusFile {
  /** As `virtualservice/refused/negative-weight.yaml`. */
  readonly name: string
  readonly text: string
  readonly refused: boolean
  /** The lines that end with the comment `# refused`: one of them is what is wrong. */
  readonly lines: readonly number[]
}

/** The objects of some kinds, by the names of their folders. */
export function corpusObjects(...folders: readonly string[]): { name: string; refused: boolean; object: KubeObject }[] {
  const files = corpus.filter(({ name }) => folders.includes(name.split('/')[0] ?? ''))
  return files.map(({ name, refused, text }) => ({ name, refused, object: parse(text) }))
}

const folder = new URL('../corpus/', import.meta.url)

export const corpus: readonly CorpusFile[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => {
    const text = readFileSync(fileURLToPath(new URL(name, folder)), 'utf8')
    const lines = text.split('\n').flatMap((line, index) => (line.endsWith('# refused') ? [index + 1] : []))
    return { name, text, refused: name.includes('/refused/'), lines }
  })

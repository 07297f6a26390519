/** A fenced block of a Markdown page that names a file: ```` ```ts src/operator.ts ````. */
export interface CodeBlock {
  readonly language: string
  readonly file: string
  readonly text: string
}

/** The blocks of a page that name a file, in their order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const found = markdown.matchAll(/^```(\w+) (\S+)\n([\s\S]*?)^```$/gm)
  return [...found].map(([, language = '', file = '', text = '']) => ({ language, file, text }))
}

import { catalogue, type DiagnosticCode } from '../src/diagnostics/catalogue.ts'
import { errorEntry, isCode } from './error-entry.ts'

const areas: Readonly<Record<string, string>> = {
  AP1: 'Project files',
  AP2: 'Mesh',
  AP3: 'Cluster',
  AP4: 'Operator',
  AP5: 'Measurements',
  AP6: 'Command line',
  AP7: 'Objects in files',
}

/** The page docs/reference/errors.md: every code with the pattern of its message and what to do about it. */
export function errorReference(): string {
  const codes = Object.keys(catalogue).filter(isCode).toSorted()
  const sections = Object.entries(areas).flatMap(([prefix, area]) => [
    `## ${area}\n`,
    ...codes.filter((code) => code.startsWith(prefix)).map(entryOf),
  ])
  return [
    '# Errors and what to do about them\n',
    'Everything that Autopilot reports has a code that keeps its meaning for good. Messages are printed as',
    '`file:line:column CODE message. Remedy`; where no file is concerned, the place is left out. Parts in `<…>` stand for the',
    'things a message is about.\n',
    'This page is generated from `src/diagnostics/codes/`; `npm run docs` renews it.\n',
    ...sections,
  ].join('\n')
}

function entryOf(code: DiagnosticCode): string {
  const { title, text, remedy } = errorEntry(code)
  return `### ${code}\n\n**${title}.** ${asCode(text)}\n\n${escapeMarkdown(remedy)}\n`
}

/** A code span that may itself hold backticks (CommonMark 6.1). */
function asCode(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

function escapeMarkdown(text: string): string {
  return text.replaceAll(/<(\w+)>/g, '`<$1>`')
}

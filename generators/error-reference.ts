import { catalogue } from '../src/diagnostics/catalogue.ts'

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
  const codes = Object.keys(catalogue).toSorted()
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

function entryOf(code: string): string {
  const entry: { title: string; text: Writer; remedy: string | Writer } = Reflect.get(catalogue, code)
  const remedy = typeof entry.remedy === 'string' ? entry.remedy : entry.remedy(placeholders)
  return `### ${code}\n\n**${entry.title}.** ${asCode(entry.text(placeholders))}\n\n${escapeMarkdown(remedy)}\n`
}

type Writer = (facts: unknown) => string

/** Facts of which each is its own name: `<apex>`. */
const placeholders = new Proxy(
  {},
  { get: (_facts, name) => (typeof name === 'string' ? `<${name}>` : undefined), has: () => true },
)

/** A code span that may itself hold backticks (CommonMark 6.1). */
function asCode(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

function escapeMarkdown(text: string): string {
  return text.replaceAll(/<(\w+)>/g, '`<$1>`')
}

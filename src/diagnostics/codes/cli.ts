import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with a call of the command line: AP6xxx. */
export const cliCodes = {
  AP6002: {
    title: 'A project without code',
    text: ({ folder, entries }) => `${folder} has no operator code (looked for ${entries})`,
    remedy: 'Export the operator as default from src/operator.ts of the project, or name the right folder.',
  } satisfies DiagnosticEntry<{ folder: string; entries: string }>,
  AP6003: {
    title: 'Not an operator',
    text: ({ file }) => `${file} does not export an operator as default`,
    remedy: 'Write `export default defineOperator({ spec, status, workers })`.',
  } satisfies DiagnosticEntry<{ file: string }>,
  AP6004: {
    title: 'Operator code does not load',
    text: ({ file, problem }) => `${file} does not load: ${problem}`,
    remedy: 'Mend the code; running it by itself with node shows where it fails.',
  } satisfies DiagnosticEntry<{ file: string; problem: string }>,
  AP6005: {
    title: 'Types of the resource are missing',
    text: ({ file }) => `${file} does not export the zod objects \`spec\` and \`status\``,
    remedy: 'Write `export const spec = z.object({ … })`, and the same for `status`.',
  } satisfies DiagnosticEntry<{ file: string }>,
  AP6006: {
    title: 'The library cannot be packed',
    text: ({ problem }) => `npm cannot pack this checkout of mesh-autopilot: ${problem}`,
    remedy: 'Run `npm ci` in the checkout, then `npm pack` there to see the whole error.',
  } satisfies DiagnosticEntry<{ problem: string }>,
  AP6007: {
    title: 'Something is in the way of a new project',
    text: ({ folder, files }) => `${folder} already has ${files}`,
    remedy: 'Name another folder; nothing was written.',
  } satisfies DiagnosticEntry<{ folder: string; files: string }>,
  AP6008: {
    title: 'No vitest',
    text: ({ folder }) => `${folder} has no vitest to run its tests with`,
    remedy: 'Run `npm install` in the project; package.json names vitest among its devDependencies.',
  } satisfies DiagnosticEntry<{ folder: string }>,
}

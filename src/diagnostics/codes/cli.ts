import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with a call of the command line: AP6xxx. */
export const cliCodes = {
  AP6001: {
    title: 'No such project',
    text: ({ folder }) => `${folder} has no autopilot.yaml`,
    remedy: 'Give the folder of an Autopilot project.',
  } satisfies DiagnosticEntry<{ folder: string }>,
}

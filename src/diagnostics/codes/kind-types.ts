import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with the CRDs that types are made from, with generated code, and with what is deployed: AP1220 to AP1239. */
export const kindTypeCodes = {
  AP1220: {
    title: 'Version that a CRD does not have',
    text: ({ kind, version, known }) => `the CRD of ${kind} has no version ${version}; it has ${known}`,
    remedy: ({ name }) => `Name one of its versions in the custom parameter ${name}, or renew the CRD.`,
  } satisfies DiagnosticEntry<{ kind: string; name: string; version: string; known: string }>,
  AP1221: {
    title: 'CRD that the cluster does not have',
    text: ({ name, context }) => `the cluster of the context ${context} has no CRD ${name}`,
    remedy: 'Install it there, use another context, or put its file into the folder crds of the project.',
  } satisfies DiagnosticEntry<{ name: string; context: string }>,
  AP1222: {
    title: 'Right that no phase needs',
    text: ({ role, verbs, resource }) => `${role} lets the operator ${verbs} ${resource}, which no phase needs`,
    remedy: 'Take it out of the role, or declare the input or output that needs it and run `ap generate`.',
  } satisfies DiagnosticEntry<{ role: string; verbs: string; resource: string }>,
  AP1223: {
    title: 'Generated file that is stale',
    text: ({ file }) => `${file} is not what the files of the project give now`,
    remedy: 'Run `ap generate`.',
  } satisfies DiagnosticEntry<{ file: string }>,
  AP1224: {
    title: 'Generated file that nothing needs',
    text: ({ file }) => `${file} is no longer generated`,
    remedy: 'Run `ap generate`, which removes it.',
  } satisfies DiagnosticEntry<{ file: string }>,
  AP1225: {
    title: 'Generated file that was changed by hand',
    text: ({ file }) => `${file} is generated and was changed by hand`,
    remedy: 'Make the change where the file comes from, remove the file, then run `ap generate`.',
  } satisfies DiagnosticEntry<{ file: string }>,
  AP1226: {
    title: 'Name that generated code needs',
    text: ({ place, name, taken }) => `${place} is "${name}", of which generated code would have a second ${taken}`,
    remedy: 'Choose another name.',
  } satisfies DiagnosticEntry<{ place: string; name: string; taken: string }>,
}

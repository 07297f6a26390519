import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with the CRDs that types are made from, and with what is deployed: AP1220 to AP1239. */
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
}

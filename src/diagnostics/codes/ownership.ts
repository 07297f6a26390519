import type { DiagnosticEntry } from '../diagnostic.ts'

/** Who else routes a Service, and which versions of a mesh are there. */
export const ownershipCodes = {
  AP2220: {
    title: 'Somebody else routes the service',
    text: ({ rival, apex, because }) => `${rival} routes ${apex} as well: ${because}`,
    remedy: ({ rival, apex }) =>
      `Delete ${rival}, or take ${apex} out of it; if both are meant, annotate it with mesh-autopilot.dev/coexist=true.`,
  } satisfies DiagnosticEntry<{ rival: string; apex: string; because: string }>,
}

import type { DiagnosticEntry } from '../diagnostic.ts'

/** Who else routes a Service, and which versions of a mesh are there. */
export const ownershipCodes = {
  AP2220: {
    title: 'Somebody else routes the service',
    text: ({ rival, apex, because }) => `${rival} routes ${apex} as well: ${because}`,
    remedy: ({ rival, apex }) =>
      `Delete ${rival}, or take ${apex} out of it; if both are meant, annotate it with mesh-autopilot.dev/coexist=true.`,
  } satisfies DiagnosticEntry<{ rival: string; apex: string; because: string }>,
  AP2225: {
    title: 'The mesh is not installed',
    text: ({ mesh, crd, version, served }) =>
      `the cluster does not serve ${version} of ${crd}, which ${mesh} needs${served}`,
    remedy:
      'Install the mesh, or the CustomResourceDefinition, or name the mesh that there is as meshProvider; the operator waits for it.',
  } satisfies DiagnosticEntry<{ mesh: string; crd: string; version: string; served: string }>,
}

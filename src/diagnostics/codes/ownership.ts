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
  AP2226: {
    title: 'The mesh does not look after the service',
    text: ({ mesh, apex, reason }) => `${mesh} would take no notice of routes for ${apex}: ${reason}`,
    remedy: ({ instead }) => instead,
  } satisfies DiagnosticEntry<{ mesh: string; apex: string; reason: string; instead: string }>,
  AP2227: {
    title: 'Whether the mesh looks after the service is not known',
    text: ({ mesh, apex, labels }) =>
      `${mesh} follows routes for ${apex} only where labels say so (${labels}), and the files do not tell`,
    remedy: 'Put the Service and its Namespace among the files to have it checked.',
  } satisfies DiagnosticEntry<{ mesh: string; apex: string; labels: string }>,
}

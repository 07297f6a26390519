import type { z } from 'zod'
import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import { describe } from './status-reading.ts'

export type ReadSpec =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: Diagnostic }

/** The spec of a resource with its defaults, or everything that is wrong with it. */
export function readSpec(schema: z.ZodObject, resource: KubeObject): ReadSpec {
  const parsed = schema.safeParse(resource.spec ?? {})
  if (parsed.success) return { ok: true, value: parsed.data }
  const problems = parsed.error.issues.map(({ path, message }) => `${['spec', ...path].join('.')}: ${message}`)
  return { ok: false, problem: diagnostic('AP4002', { resource: describe(resource), problems: problems.join('; ') }) }
}

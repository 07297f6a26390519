import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { Connection } from '../../kube/connect.ts'
import { isNotFound } from '../../kube/errors.ts'
import type { Kind, KubeObject } from '../../kube/object.ts'
import { didYouMean } from '../../project/nearest.ts'
import type { Project } from '../../project/project.ts'
import { listAll } from './installation.ts'
import { resourceKind } from './resource-kind.ts'

/**
 * The resources of a project's kind; the one of this name if it is given.
 *
 * @throws DiagnosticError when the kind is not installed, or there is none of that name
 */
export async function findResources(
  { client }: Connection,
  project: Project,
  namespace: string | undefined,
  name: string | undefined,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const kind = resourceKind(project)
  const all = await listAll(client, kind, { namespace, signal }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error
    throw new DiagnosticError([diagnostic('AP6043', { kind: project.kind, group: project.group })])
  })
  if (name === undefined) return all
  const found = all.find(({ metadata }) => metadata.name === name)
  if (found !== undefined) return [found]
  const names = all.map(({ metadata }) => metadata.name)
  const hint = didYouMean(name, names) || (await elsewhere(client, kind, name, signal))
  const facts = { resource: `${project.kind} ${namespace}/${name}`, hint }
  throw new DiagnosticError([diagnostic('AP6044', facts)])
}

/** Namespaces that have one of this name, as far as this user may look. */
async function elsewhere(client: KubeClient, kind: Kind, name: string, signal: AbortSignal): Promise<string> {
  const everywhere = await listAll(client, kind, { signal }).catch(() => [])
  const namespaces = everywhere
    .filter(({ metadata }) => metadata.name === name)
    .map(({ metadata }) => metadata.namespace)
  return namespaces.length === 0 ? '' : ` (there is one in ${namespaces.slice(0, 3).join(', ')})`
}

import type { Logger } from 'pino'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { KubeClient } from '../kube/client.ts'
import type { Discovery } from '../kube/discovery.ts'
import { isForbidden, isNotFound } from '../kube/errors.ts'
import { apiVersionOf, type Kind } from '../kube/object.ts'
import { isRecord } from '../kube/wire.ts'
import type { MeshAdapter, MeshKind } from '../mesh/adapter.ts'
import { kindsFor } from '../mesh/adapter-kinds.ts'
import type { Installed } from '../mesh/installed.ts'
import { withoutKinds } from '../mesh/served-kinds.ts'
import { isNeutral } from '../project/native-kinds.ts'
import type { Project } from '../project/project.ts'

interface Surroundings {
  readonly adapter: MeshAdapter
  readonly adapterFor?: (installed: Installed) => MeshAdapter
  readonly client: KubeClient
  readonly log: Logger
  readonly project: Project
}

/**
 * The adapter in the versions that the cluster serves, without the kinds that it lacks and that the mesh can do without.
 *
 * @throws DiagnosticError while a kind is missing without which there is no mesh; whatever the API server fails with
 */
export async function discoverMesh(
  { adapter: first, adapterFor, client, log, project }: Surroundings,
  discovery: Discovery,
): Promise<MeshAdapter> {
  const names = project.phases.flatMap(({ inputs, outputs }) => [...inputs, ...outputs])
  // Whoever only looks need not know what can be written.
  const crds = project.phases.some(({ outputs }) => outputs.some(isNeutral)) ? (first.annotatedCrds ?? []) : []
  const installed = adapterFor && {
    versions: await findVersions(kindsFor(first, names), discovery),
    annotations: await findAnnotations(crds, client),
  }
  const adapter = (installed && adapterFor?.(installed)) ?? first
  const kinds: MeshKind[] = kindsFor(adapter, names)
  const served = await Promise.all(kinds.map((kind) => discovery.serves(kind)))
  const missing = kinds.filter((_kind, index) => served[index] === false)
  const needed = missing.filter(({ carries }) => carries === undefined)
  if (needed.length > 0) {
    throw new DiagnosticError(await Promise.all(needed.map((kind) => notInstalled(adapter.name, kind, discovery))))
  }
  if (missing.length > 0) log.info({ kinds: missing.map(resourceOf) }, 'the cluster lacks optional kinds')
  if (installed !== undefined) {
    const unread = crds.filter((name) => installed.annotations[name] === undefined)
    if (unread.length > 0) log.warn({ crds: unread }, 'annotations cannot be read, the least is taken for granted')
    const found = kinds.filter((kind) => !missing.includes(kind))
    log.info({ kinds: found.map((kind) => `${apiVersionOf(kind)} ${kind.kind}`) }, 'API versions found')
  }
  return withoutKinds(adapter, missing)
}

/** Asks about whole groups: another version may come with kinds that the adapter's first form does without. */
export async function findVersions(kinds: readonly Kind[], discovery: Discovery): Promise<Installed['versions']> {
  const versions: Record<string, string[]> = {}
  for (const group of new Set(kinds.map((kind) => kind.group))) {
    const served = (await discovery.group(group))?.versions ?? []
    if (served.length > 0) versions[group] = [...served]
    for (const version of served) {
      for (const kind of await discovery.kinds(group, version)) {
        const name = `${group}/${kind.kind}`
        versions[name] = [...(versions[name] ?? []), version]
      }
    }
  }
  return versions
}

async function findAnnotations(crds: readonly string[], client: KubeClient): Promise<Installed['annotations']> {
  const annotations: Record<string, Record<string, string>> = {}
  for (const name of crds) {
    const found = await annotationsOf(name, client)
    if (found !== undefined) annotations[name] = found
  }
  return annotations
}

/** Undefined where this operator may not read them. */
async function annotationsOf(crd: string, client: KubeClient): Promise<Record<string, string> | undefined> {
  try {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${encodeURIComponent(crd)}`
    const answer = await client.raw('GET', path)
    const metadata = isRecord(answer) ? answer['metadata'] : undefined
    const annotations = isRecord(metadata) ? metadata['annotations'] : undefined
    if (!isRecord(annotations)) return {}
    return Object.fromEntries(
      Object.entries(annotations).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  } catch (error) {
    if (isForbidden(error)) return undefined
    if (isNotFound(error)) return {}
    throw error
  }
}

async function notInstalled(mesh: string, kind: Kind, discovery: Discovery) {
  const others: string[] = []
  for (const version of (await discovery.group(kind.group))?.versions ?? [])
    if (await discovery.serves({ ...kind, version })) others.push(version)
  const served = others.length === 0 ? '' : `; it serves ${others.join(', ')}`
  return diagnostic('AP2225', { mesh, crd: resourceOf(kind), version: kind.version, served })
}

function resourceOf({ plural, group }: Kind): string {
  return `${plural}.${group}`
}

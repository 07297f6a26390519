import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { KubeObject } from '../kube/object.ts'
import {
  describePath,
  type FieldPath,
  type FieldProblem,
  groupKind,
  type ObjectReading,
} from '../mesh/object-reading.ts'
import { didYouMean } from '../project/nearest.ts'
import { describeObject, type Manifest } from './manifest.ts'
import { isService, serviceProblems } from './services.ts'
import { neutralVersions } from './split-documents.ts'

const subdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/**
 * What an API server or a webhook would refuse about an object, with its place: its name, a Service's fields, and what the mesh
 * whose kind it is says. Nothing about the fields of kinds that no reading knows.
 */
export function validateManifest(manifest: Manifest, readings: readonly ObjectReading[]): Diagnostic[] {
  const { object } = manifest
  const kind = groupKind(object)
  // Several meshes may follow a kind; its owner knows its fields.
  const owner =
    readings.find(({ isPolicy }) => isPolicy?.(object) === true) ??
    readings.find(({ translates, accompanies }) => [...translates, ...accompanies].includes(kind))
  const reading = owner ?? readings.find(({ follows }) => follows.includes(kind))
  const problems = [
    ...versionProblems(object, readings),
    ...nameProblems(manifest),
    ...(isService(object) ? serviceProblems(object) : (reading?.validate(object) ?? [])),
  ]
  return problems.map(({ path, problem, known }) => {
    const hint = known === undefined ? '' : `${didYouMean(String(path.at(-1)), known)}; there are ${known.join(', ')}`
    const facts = { object: describeObject(object), field: describePath(path), problem: `${problem}${hint}` }
    return diagnostic('AP7003', facts, placeOf(manifest, path, known !== undefined))
  })
}

/** An API server has no resource for a version that there is not. */
function versionProblems(object: KubeObject, readings: readonly ObjectReading[]): FieldProblem[] {
  const kind = groupKind(object)
  const known = neutralVersions(kind) ?? readings.flatMap(({ versions }) => versions?.[kind] ?? [])
  const version = object.apiVersion.slice(object.apiVersion.lastIndexOf('/') + 1)
  if (known.length === 0 || known.includes(version)) return []
  return [
    {
      path: ['apiVersion'],
      problem: `there is no version ${version} of ${object.kind}; there are ${known.join(', ')}`,
    },
  ]
}

function placeOf(manifest: Manifest, path: FieldPath, isUnknown: boolean) {
  return isUnknown ? manifest.atKey(path) : manifest.at(path)
}

function nameProblems({ object: { apiVersion, kind, metadata } }: Manifest): FieldProblem[] {
  const isLabel = apiVersion === 'v1' && kind === 'Service'
  const namespace = metadata.namespace ?? 'default'
  return [
    ...((isLabel ? label : subdomain).test(metadata.name)
      ? []
      : [{ path: ['metadata', 'name'], problem: `${JSON.stringify(metadata.name)} is no name of a ${kind}` }]),
    ...(label.test(namespace)
      ? []
      : [{ path: ['metadata', 'namespace'], problem: `${JSON.stringify(namespace)} is no name of a namespace` }]),
  ]
}

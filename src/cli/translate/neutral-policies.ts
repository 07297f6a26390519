import type { Diagnostic, SourcePosition } from '../../diagnostics/diagnostic.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Manifest } from '../../manifests/manifest.ts'
import { namedField } from '../../manifests/named-field.ts'
import { readSplits } from '../../manifests/split-documents.ts'
import type { WorkloadAccess } from '../../mesh/access.ts'
import { type Asked, mergePolicies } from '../../mesh/access-merge.ts'
import { fieldsOf, textOf } from '../../mesh/fields.ts'
import type { MergeDiagnostic, TrafficRequest } from '../../mesh/merge.ts'
import type { MtlsPolicy } from '../../mesh/mtls.ts'
import { groupKind } from '../../mesh/object-reading.ts'
import { type NeutralOutputs, outputKinds } from '../../mesh/outputs.ts'

/** The kinds of documents, `apiVersion: mesh-autopilot.dev/v1`, that are about pods. */
const kinds = new Map(
  (['traffictargets', 'mtlspolicies'] as const).map((output) => [`mesh-autopilot.dev/${outputKinds[output]}`, output]),
)

/** What the catalogue says to authors of workers, said to authors of files. */
const remedies: Readonly<Record<string, string>> = {
  AP2104: 'Correct the document.',
  AP2112: 'Add the HTTPRouteGroup to the files, in the namespace of the policy.',
  AP2162: 'Add the TCPRoute to the files, in the namespace of the policy.',
}

/** Whether a document is a neutral TrafficTarget or MtlsPolicy. */
export function isNeutralPolicy(object: KubeObject): boolean {
  return kinds.has(groupKind(object))
}

export interface NeutralPolicies {
  readonly accesses: readonly Asked<WorkloadAccess>[]
  readonly mtls: readonly Asked<MtlsPolicy>[]
  readonly problems: readonly Diagnostic[]
  /** Namespaces of which something is wrong, with the document: what is said about their pods is not whole. */
  readonly troubled: ReadonlyMap<string, Manifest>
  /** The document that a source stands for. */
  originOf(source: string): Manifest | undefined
}

/** Reads documents about who may call whom and about mutual TLS, with the route groups and TCPRoutes they name. */
export function readNeutralPolicies(manifests: readonly Manifest[]): NeutralPolicies {
  const origins = new Map<string, Manifest>()
  const asking = manifests.flatMap((manifest, index): TrafficRequest[] => {
    const output = kinds.get(groupKind(manifest.object))
    if (output === undefined) return []
    const { name, namespace } = manifest.object.metadata
    const source = `policy #${String(index).padStart(6, '0')}`
    origins.set(source, manifest)
    // Nobody has checked the fields yet: the merge does, as it does for what workers return.
    const outputs: NeutralOutputs = { [output]: [{ ...fieldsOf(manifest.object.spec), name, namespace }] }
    return [{ source, namespace: namespace ?? 'default', outputs }]
  })
  if (asking.length === 0)
    return { accesses: [], mtls: [], problems: [], troubled: new Map(), originOf: () => undefined }
  const { accesses, mtls, diagnostics } = mergePolicies([...readSplits(manifests).requests, ...asking])
  const own = diagnostics.filter(({ sources }) => sources.some((source) => origins.has(source)))
  const wrong = own.flatMap(({ sources }) => sources.flatMap((source) => origins.get(source) ?? []))
  return {
    accesses,
    mtls,
    problems: own.map((problem) => located(problem, origins)),
    troubled: new Map(wrong.flatMap((manifest) => namespacesOf(manifest).map((namespace) => [namespace, manifest]))),
    originOf: (source) => origins.get(source),
  }
}

/** A diagnostic of the merge in the words and at the place of its document. */
function located({ sources, code, message, remedy }: MergeDiagnostic, origins: ReadonlyMap<string, Manifest>) {
  const origin = origins.get(sources.at(-1) ?? '')
  const text = [...origins.keys()].reduce((said, source) => said.replaceAll(`${source}: `, ''), message)
  const position = origin && placeOf(code, text, origin)
  return { code, message: text, remedy: remedies[code] ?? remedy, ...(position && { position }) }
}

/** Where the field stands that a diagnostic is about, as near as its code and text tell; of one that is unknown, its name. */
function placeOf(code: string, text: string, { object, at, atKey }: Manifest): SourcePosition {
  if (code === 'AP2117') return at(['metadata', text.includes('namespace') ? 'namespace' : 'name'])
  const named = namedField(text, object.spec)
  if (/has the unknown field/.test(text)) return atKey(named)
  const isOfRules = ['AP2112', 'AP2113', 'AP2114', 'AP2118', 'AP2162'].includes(code) || /\bmatches\b/.test(text)
  return at(isOfRules && named[1] !== 'rules' ? ['spec', 'rules'] : named)
}

/** Where the pods are that a document may be about. */
function namespacesOf({ object: { metadata, spec } }: Manifest): string[] {
  const own = metadata.namespace ?? 'default'
  const theirs = textOf(fieldsOf(fieldsOf(spec)['destination'])['namespace'])
  return theirs === undefined ? [own] : [own, theirs]
}

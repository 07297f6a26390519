import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { describeObject, type Manifest } from '../../manifests/manifest.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { describePath, type ObjectProblem } from '../../mesh/object-reading.ts'

/** What observing says, in the words of a translation. That a port has no default rule is a feature of its own. */
export function located(problem: ObjectProblem, manifests: readonly Manifest[], target: MeshAdapter): Diagnostic[] {
  const { code, message, place } = problem
  if (code === 'AP2123') return []
  const manifest = manifests.find(({ object }) => object === place?.object)
  if (place === undefined || manifest === undefined) return [problem]
  const position = manifest.atKey(place.path)
  if (code === 'AP2251') return [{ ...problem, position }]
  if (code !== 'AP2121')
    return [{ ...problem, message: `${message}; ${target.name} can be given one of them only`, position }]
  const [, what = ''] = /^.*? has (.*), which the neutral model has no words for$/.exec(message) ?? []
  const field = describePath(place.path)
  const last = String(place.path.at(-1))
  const isField = field.endsWith(what) || what.endsWith(`.${last}`) || what === `the annotation ${last}`
  const said = isField ? field : `${field} (${what})`
  return [notTranslated(manifest, said, target, position)]
}

/** A part of an object that has no counterpart. */
export function notTranslated(
  { object }: Manifest,
  what: string,
  target: MeshAdapter,
  position: Diagnostic['position'],
): Diagnostic {
  return diagnostic('AP7102', { mesh: target.name, object: describeObject(object), what }, position)
}

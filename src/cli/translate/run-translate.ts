import { type Diagnostic, formatDiagnostic } from '../../diagnostics/diagnostic.ts'
import { validateManifest } from '../../manifests/validate-manifests.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { type FaultBackendPod, imageName, usualFaultBackendPod } from '../../mesh/fault-backend-objects.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { readFiles, requireNamespace } from './files-option.ts'
import { forInstalled } from './installed-in-files.ts'
import { allAdapters, contextOf, requireMesh } from './mesh-option.ts'
import { printObjects } from './print-objects.ts'
import { besides, translateManifests } from './translate-manifests.ts'

/**
 * `ap translate`: reads objects of any mesh and prints those of one. What cannot be translated goes to stderr, a line each;
 * then nothing is printed and the exit code is 1, unless `--partial` asks for the rest. Assumptions are told on stderr as well.
 * Throws a UsageError when the options make no sense.
 */
export async function runTranslate(
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['yaml', 'json'])
  const context = contextOf(options['trustDomain'])
  const faultBackend = faultBackendOf(options['faultImage'])
  const asked = requireMesh('--to', options['to'], providers, context)
  const namespace = requireNamespace('--namespace', options['namespace'])
  const adapters = allAdapters(providers)
  const { manifests, problems } = await readFiles(options['filename'], namespace, io)
  const target = forInstalled(asked, providers, manifests, context)
  const readings = adapters.map(({ reading }) => reading)
  const invalid = new Map(manifests.map((one) => [one, validateManifest(one, readings)]))
  const valid = manifests.filter((one) => invalid.get(one)?.length === 0)
  const translated = translateManifests(valid, { target, adapters, faultBackend })
  const refused = [...problems, ...[...invalid.values()].flat()]
  const errors = [...refused, ...besides(refused, translated.problems)]
  for (const line of new Set(inOrder([...errors, ...translated.notes]).map(formatDiagnostic)))
    io.stderr.write(`${line}\n`)
  if (errors.length === 0 || options['partial'] === true) io.stdout.write(printObjects(translated.objects, format))
  return errors.length === 0 ? exitCode.ok : exitCode.failed
}

/** @throws UsageError for what can be no image */
function faultBackendOf(image: unknown): FaultBackendPod {
  if (image === undefined) return usualFaultBackendPod
  if (typeof image === 'string' && imageName.test(image)) return { ...usualFaultBackendPod, image }
  throw new UsageError(`--fault-image ${String(image)} is not an image, such as ${usualFaultBackendPod.image}`)
}

/** By file as named, then by place. */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(diagnostics.map(({ position }) => position?.file))]
  const rank = ({ position }: Diagnostic) => [files.indexOf(position?.file), position?.line ?? 0, position?.column ?? 0]
  return [...diagnostics].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    return left.map((number, index) => number - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0
  })
}

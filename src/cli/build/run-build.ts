import { join, relative, resolve } from 'node:path'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import type { Pushed, PushOptions } from '../push/push-image.ts'
import { buildImage } from './build-image.ts'
import { checkEngine, type Engine, engines, loadInto, pushWith } from './engine.ts'
import { blobsOf, type PlatformImage, topOf } from './image.ts'
import { type ImageName, parseImageName } from './image-name.ts'
import { checkPlace, writeLayout } from './layout.ts'
import { cacheFolder } from './node-binary.ts'
import { type Platform, parsePlatforms } from './platform.ts'
import { during } from './progress.ts'

/**
 * `ap build`: 130 when it is interrupted; nothing half written is left then. Throws a UsageError for a name or options that make no sense,
 * a DiagnosticError for what keeps the image from being built.
 */
export async function runBuild(
  [image = '', folder = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['text', 'json'])
  const name = parseImageName(image)
  const { platform, to } = options
  const platforms = parsePlatforms(platform === undefined ? undefined : String(platform))
  const engine = requireEngine(options['engine'], platforms, to)
  const push = pushOptions(options, engine)
  const path = resolve(io.cwd, folder)
  const place = to === undefined ? join(path, 'dist', 'image') : resolve(io.cwd, String(to))
  try {
    // Before the work, which would be in vain.
    await (engine === undefined ? checkPlace(place) : checkEngine(engine, io))
    const images = await buildImage(
      {
        folder: path,
        platforms,
        knownMeshes: providers.map(({ name }) => name),
        compression: { level: 6, cache: cacheFolder(io) },
      },
      io,
    )
    io.signal.throwIfAborted()
    if (engine === undefined) await writeLayout(place, name, images)
    else for (const one of images) await during(io, `Loading it into ${engine}`, loadInto(engine, name, one, io))
    const where = engine ?? (relative(io.cwd, place) || '.')
    if (format === 'text') io.stdout.write(describe(name, images, where))
    const pushed = push && (await pushTo(name, images, engine, push, io))
    if (format === 'json') io.stdout.write(`${JSON.stringify(asJson(name, images, where, pushed), null, 2)}\n`)
    else if (pushed !== undefined) io.stdout.write(describePushed(name, pushed))
    return exitCode.ok
  } catch (error) {
    if (io.signal.aborted) return exitCode.interrupted
    throw error
  }
}

/** Undefined for none: the layout is written as it is. */
function requireEngine(asked: unknown, platforms: readonly Platform[], to: unknown): Engine | undefined {
  if (asked === 'oci') return undefined
  const engine = engines.find((name) => name === asked)
  if (engine === undefined)
    throw new UsageError(`there is no engine ${JSON.stringify(asked)}; there are oci, ${engines.join(', ')}`)
  if (platforms.length > 1) throw new UsageError(`${engine} takes one platform at a time; --engine oci writes several`)
  if (to !== undefined) throw new UsageError(`--to is where the OCI layout goes, and ${engine} keeps images by itself`)
  return engine
}

/** Undefined for no push. */
function pushOptions(options: Readonly<Record<string, unknown>>, engine: Engine | undefined): PushOptions | undefined {
  const insecure = options['insecure'] === true
  if (insecure && options['push'] !== true) throw new UsageError('--insecure is about the registry that --push goes to')
  if (insecure && engine === 'docker') {
    throw new UsageError(
      'docker is told in its own configuration which registries are insecure ("insecure-registries")',
    )
  }
  return options['push'] === true ? { insecure } : undefined
}

/** An engine tells neither what was new to the registry nor the digest that it made. */
async function pushTo(
  name: ImageName,
  images: readonly PlatformImage[],
  engine: Engine | undefined,
  options: PushOptions,
  io: CommandIo,
): Promise<Partial<Pushed>> {
  if (engine !== undefined) {
    await during(io, `Pushing ${name.text} with ${engine}`, pushWith(engine, name, options.insecure, io))
    return {}
  }
  // Loaded here: no other command speaks to a registry.
  const { pushImage } = await import('../push/push-image.ts')
  return pushImage(name, images, options, io)
}

function asJson(
  name: ImageName,
  images: readonly PlatformImage[],
  where: string,
  pushed: Partial<Pushed> | undefined,
): object {
  return {
    image: name.text,
    digest: topOf(images).digest,
    where,
    layers: images.flatMap(({ platform, layers }) =>
      layers.map(({ name, blob }) => ({ platform: platform.name, name, digest: blob.digest, size: blob.size })),
    ),
    size: sizeOf(images),
    ...(pushed && { pushed }),
  }
}

/** Bytes of everything there is to fetch, each content once. */
function sizeOf(images: readonly PlatformImage[]): number {
  return blobsOf(images).reduce((sum, { size }) => sum + size, 0)
}

function describe(name: ImageName, images: readonly PlatformImage[], where: string): string {
  const rows = images.flatMap(({ platform, layers }) =>
    layers.map((layer) => `  ${platform.name}  ${megabytes(layer.blob.size)}  ${layer.name}`),
  )
  const { digest } = topOf(images)
  return [
    `Built ${name.text} into ${where}`,
    ...rows,
    `  ${megabytes(sizeOf(images)).trim()} in all, ${digest}`,
    '',
  ].join('\n')
}

function describePushed({ text, registry }: ImageName, { reference, uploaded }: Partial<Pushed>): string {
  const amount =
    uploaded === undefined
      ? ''
      : uploaded === 0
        ? ', which had all of it'
        : `, ${megabytes(uploaded).trim()} of it new there`
  return `Pushed ${text} to ${registry}${amount}\nDeploy it with: ap deploy ${reference ?? text}\n`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1).padStart(5)} MB`
}

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { CommandIo } from '../io.ts'
import type { PlatformImage } from './image.ts'
import type { ImageName } from './image-name.ts'
import { blobPath, json, layoutFiles } from './layout.ts'
import { tarOf } from './tar.ts'

/** How each engine takes an archive in. */
const loadCalls = {
  docker: (archive: string) => ['load', '--input', archive],
  podman: (archive: string) => ['load', '--input', archive],
  buildah: (archive: string) => ['pull', `docker-archive:${archive}`],
} as const

export type Engine = keyof typeof loadCalls
export const engines: readonly Engine[] = ['docker', 'podman', 'buildah']

/** @throws DiagnosticError when the engine is not on the PATH, or does not even say its version */
export function checkEngine(engine: Engine, io: CommandIo): Promise<void> {
  return call(engine, ['--version'], io)
}

/**
 * Puts an image among those of an engine, under its name.
 *
 * @throws DiagnosticError when the engine is not on the PATH or fails, with what it says
 */
export async function loadInto(engine: Engine, name: ImageName, image: PlatformImage, io: CommandIo): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ap-build-'))
  try {
    const archive = join(folder, 'image.tar')
    await writeFile(archive, await engineArchive(name, image))
    await call(engine, loadCalls[engine](archive), io)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Has an engine push an image that it holds, with the credentials that it has.
 *
 * @throws DiagnosticError when the engine fails, with what it says
 */
export function pushWith(engine: Engine, name: ImageName, insecure: boolean, io: CommandIo): Promise<void> {
  return call(engine, ['push', ...(insecure ? ['--tls-verify=false'] : []), name.text], io)
}

/** An OCI layout that is at the same time what `docker save` writes: older engines read `manifest.json` only. */
function engineArchive(name: ImageName, image: PlatformImage): Promise<Buffer> {
  const manifest = {
    Config: blobPath(image.config.digest),
    RepoTags: [name.text],
    Layers: image.layers.map(({ blob }) => blobPath(blob.digest)),
  }
  return tarOf([...layoutFiles(name, [image]), json('manifest.json', [manifest])])
}

function call(engine: Engine, args: readonly string[], { env, signal }: CommandIo): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(engine, args, { env: { ...env }, signal }, (error, _stdout, stderr) => {
      if (error === null) return resolve()
      if (error.name === 'AbortError') return reject(error)
      if (error.code === 'ENOENT')
        return reject(new DiagnosticError([diagnostic('AP6026', { engine })], { cause: error }))
      const said =
        stderr
          .trim()
          .split('\n')
          .at(-1)
          ?.replace(/[.?]+$/, '') || error.message
      reject(
        new DiagnosticError([diagnostic('AP6027', { call: `${engine} ${args[0]}`, problem: said })], { cause: error }),
      )
    })
  })
}

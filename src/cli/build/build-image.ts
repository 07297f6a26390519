import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fieldsOf, isFields, textOf } from '../../mesh/fields.ts'
import { loadOperatorConfig, loadProject } from '../../project/load.ts'
import type { CommandIo } from '../io.ts'
import { projectEntry } from '../load-definition.ts'
import { type Bundle, bundle, libraryFolder, libraryRoot, projectRoot } from './bundle.ts'
import { type ImageFacts, type PlatformImage, platformImage } from './image.ts'
import { type Compression, type Layer, layerOf } from './layer.ts'
import { sharedLibraries } from './libraries.ts'
import { nodeBinary } from './node-binary.ts'
import type { Platform } from './platform.ts'
import { during } from './progress.ts'
import { nodeFiles, systemFiles } from './root-files.ts'
import { billOfMaterials } from './sbom.ts'
import type { Entry } from './tar.ts'

export interface BuildRequest {
  /** Of the project; absolute. */
  readonly folder: string
  readonly platforms: readonly Platform[]
  readonly knownMeshes: readonly string[]
  readonly compression: Compression
}

/**
 * Makes the image of a project: Node, the libraries it needs and the bundled operator, nothing else. The same project, libraries and Node
 * give the same bytes, wherever and whenever.
 *
 * @throws DiagnosticError for what is wrong with the project or its code, or missing for a platform
 */
export async function buildImage(request: BuildRequest, io: CommandIo): Promise<PlatformImage[]> {
  const { folder, platforms, compression } = request
  const { project } = await loadProject(folder)
  await loadOperatorConfig(join(folder, 'autopilot-operator.yaml'), { knownMeshes: request.knownMeshes })
  const entry = projectEntry(folder)
  const bundled = await during(io, 'Bundling the operator', bundle(folder, entry))
  const about = fieldsOf(await readJson(join(folder, 'package.json')))
  const identity = { name: project.operatorName, version: textOf(about['version']) ?? '0.0.0' }
  const operator = await layerOf('operator', await operatorFiles(folder, bundled), compression)
  const facts: ImageFacts = {
    labels: { title: identity.name, version: identity.version, ...optionalLabels(about) },
    created: creationTime(io),
    entry: `/${libraryRoot}/ap.js`,
    command: ['run', `/${projectRoot}`],
    workingDir: `/${projectRoot}`,
  }
  const images: PlatformImage[] = []
  for (const platform of platforms) {
    io.signal.throwIfAborted()
    images.push(await imageFor(platform, { identity, bundled, operator, facts, compression }, io))
  }
  return images
}

interface Parts {
  readonly identity: { readonly name: string; readonly version: string }
  readonly bundled: Bundle
  readonly operator: Layer
  readonly facts: ImageFacts
  readonly compression: Compression
}

async function imageFor(platform: Platform, parts: Parts, io: CommandIo): Promise<PlatformImage> {
  const { identity, bundled, operator, facts, compression } = parts
  const node = await nodeBinary(platform, io)
  const libraries = await sharedLibraries(node.content, platform)
  const system = await layerOf('system libraries', systemFiles(libraries), compression)
  const compressing = layerOf(`Node ${node.version}`, nodeFiles(node), compression)
  const runtime = await during(io, `Compressing Node ${node.version} for ${platform.name}`, compressing)
  const { modules } = bundled
  const bill = await billOfMaterials({ project: identity, modules, node, libraries, platform })
  return platformImage(platform, [system, runtime, operator], facts, bill)
}

/** Beside the code: the YAML files of the project, and what tells Node that the code is of modules. */
async function operatorFiles(folder: string, { files }: Bundle): Promise<Entry[]> {
  const yaml = ['autopilot.yaml', 'autopilot-operator.yaml'].map(async (name) => ({
    path: `${projectRoot}/${name}`,
    content: await readFile(join(folder, name)),
    mode: 0o644,
  }))
  const library = fieldsOf(await readJson(join(libraryFolder(folder), 'package.json')))
  return [
    ...files,
    ...(await Promise.all(yaml)),
    manifest(libraryRoot, { name: library['name'], version: library['version'], type: 'module' }),
    manifest(projectRoot, { type: 'module' }),
  ]
}

function manifest(root: string, content: object): Entry {
  return { path: `${root}/package.json`, content: Buffer.from(`${JSON.stringify(content)}\n`), mode: 0o644 }
}

/** What package.json says of the project in words that the annotations of images have (OCI image specification 1.1, "Annotations"). */
function optionalLabels(about: Readonly<Record<string, unknown>>): Record<string, string> {
  const { description, license, homepage, repository } = about
  const source = isFields(repository) ? repository['url'] : repository
  const labels = { description, licenses: license, url: homepage, source }
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (textOf(value) ? [[name, String(value)]] : [])),
  )
}

/** 1970, unless `SOURCE_DATE_EPOCH` says otherwise (reproducible-builds.org). */
function creationTime({ env }: CommandIo): number {
  const seconds = Number(env['SOURCE_DATE_EPOCH'] || 0)
  return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : 0
}

async function readJson(file: string): Promise<unknown> {
  return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : undefined
}

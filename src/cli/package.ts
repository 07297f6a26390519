import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isFields, textOf } from '../mesh/fields.ts'

/** The folder of this package, be it a checkout or installed. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** Whether this is a checkout, whose version no registry has. */
export function isCheckout(): boolean {
  return existsSync(join(packageFolder(), 'src', 'cli', 'main.ts'))
}

/** The version in package.json. */
export function packageVersion(): string {
  return textOf(manifest()['version']) ?? 'unknown'
}

/** The version of a library that this package was built and tested with. */
export function versionOf(library: string): string {
  const { dependencies, devDependencies, optionalDependencies } = manifest()
  const found = [dependencies, devDependencies, optionalDependencies].flatMap((list) =>
    isFields(list) ? (textOf(list[library]) ?? []) : [],
  )
  const [version] = found
  if (version === undefined) throw new Error(`package.json does not name ${library}`)
  return version
}

function manifest(): Readonly<Record<string, unknown>> {
  const content: unknown = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'))
  return isFields(content) ? content : {}
}

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { packageFolder } from '../package.ts'

const packageName = 'mesh-autopilot'

/**
 * What a file of the project in `folder` imports the library by: its name, or, for a project that is a part of this very
 * checkout, the source relative to the file. `depth` is how deep the file lies in the project.
 */
export function libraryFor(folder: string, depth: number): Library {
  if (!isPartOf(folder, packageFolder())) return { main: packageName, testing: `${packageName}/testing` }
  const up = Array.from({ length: depth }, () => '..')
  const source = relative(join(folder), join(packageFolder(), 'src')).split(sep)
  const path = [...up, ...source].join('/')
  return { main: `${path}/index.ts`, testing: `${path}/testing/index.ts` }
}

/** Names by which the library is imported. */
export interface Library {
  readonly main: string
  readonly testing: string
}

/** Whether the nearest package above `folder` is the one in `root`. */
function isPartOf(folder: string, root: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, 'package.json')
    if (existsSync(file)) return at === root && JSON.parse(readFileSync(file, 'utf8')).name === packageName
    if (dirname(at) === at) return false
  }
}

import { existsSync, readFileSync } from 'node:fs'

/** The version in package.json, which lies beside the sources in a checkout and beside `dist` in the package. */
export function packageVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    const file = new URL(path, import.meta.url)
    if (!existsSync(file)) continue
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version)
  }
  return 'unknown'
}

import { UsageError } from '../io.ts'

/** What Node, the loader of programs and images call one architecture. */
export interface Platform {
  readonly name: 'linux/amd64' | 'linux/arm64'
  /** As in image configurations. */
  readonly architecture: 'amd64' | 'arm64'
  /** As in `process.arch` and in the names of packages. */
  readonly node: 'x64' | 'arm64'
  /** As in the names of folders with libraries. */
  readonly triple: string
}

const platforms: readonly Platform[] = [
  { name: 'linux/amd64', architecture: 'amd64', node: 'x64', triple: 'x86_64-linux-gnu' },
  { name: 'linux/arm64', architecture: 'arm64', node: 'arm64', triple: 'aarch64-linux-gnu' },
]

/**
 * The platforms in a list with commas, each once and always in the same order; that of this machine when there is no list.
 *
 * @throws UsageError for one that there is no Node for
 */
export function parsePlatforms(list: string | undefined): Platform[] {
  const asked = list?.split(',').map((name) => name.trim()) ?? [
    `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  ]
  const known = platforms.map(({ name }) => name)
  const unknown = asked.find((name) => !known.some((one) => one === name))
  if (unknown !== undefined) {
    throw new UsageError(`${JSON.stringify(unknown)} is no platform of an image; there are ${known.join(', ')}`)
  }
  return platforms.filter(({ name }) => asked.includes(name))
}

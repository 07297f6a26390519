import { UsageError } from '../io.ts'

/** What an image is called, taken apart. */
export interface ImageName {
  /** Host, with its port where one is given. */
  readonly registry: string
  readonly repository: string
  readonly tag: string
  /** In full: `registry/repository:tag`. */
  readonly text: string
}

/** Path components and tags as of the OCI distribution specification 1.1, "Pulling manifests". */
const repositoryPattern = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
const hostPattern = /^([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/

/**
 * Reads the name of an image as Docker does: without a host it is Docker Hub's, without a tag it is `latest`. What stands before the
 * first slash is a host when it has a dot or a port or is `localhost`.
 *
 * @throws UsageError for what is no such name, and for a digest, which only the build can know
 */
export function parseImageName(text: string): ImageName {
  if (text.includes('@')) throw new UsageError(`${text} names a digest; the build makes that, so name a tag`)
  const slash = text.indexOf('/')
  const first = text.slice(0, Math.max(slash, 0))
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  const registry = hasHost ? first : 'docker.io'
  const rest = hasHost ? text.slice(slash + 1) : text
  const [path = '', tag = 'latest', ...more] = rest.split(':')
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path
  const problem = problemOf(registry, repository, tag, more)
  if (problem !== undefined) throw new UsageError(`${JSON.stringify(text)} is no name of an image: ${problem}`)
  return { registry, repository, tag, text: `${registry}/${repository}:${tag}` }
}

function problemOf(registry: string, repository: string, tag: string, more: readonly string[]): string | undefined {
  if (more.length > 0) return 'it has more than one tag'
  if (!hostPattern.test(registry)) return `${registry} is no host`
  if (/[A-Z]/.test(repository)) return `the repository ${repository} must be in lower case`
  if (!repositoryPattern.test(repository) || repository.length > 255) return `${repository} is no repository`
  if (!tagPattern.test(tag)) return `${JSON.stringify(tag)} is no tag`
  return undefined
}

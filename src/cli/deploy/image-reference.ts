import { UsageError } from '../io.ts'

const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?`
const pathPart = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const name = `(?:${domain}/)?${pathPart}(?:/${pathPart})*`
const tag = '[\\w][\\w.-]{0,127}'
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'

/** The grammar of github.com/distribution/reference, which container runtimes and registries share. */
const reference = new RegExp(`^${name}(?::${tag})?(?:@${digest})?$`)

/** An image's name as container runtimes read it. Throws a UsageError for what cannot be one. */
export function requireImage(text: string): string {
  const shown = JSON.stringify(text)
  if (text.includes('://')) throw new UsageError(`${shown} is an address; an image is named without https://`)
  if (!reference.test(text)) {
    const hint = reference.test(text.toLowerCase()) ? '; names of images are in lower case' : ''
    throw new UsageError(
      `${shown} cannot be the name of an image${hint}: name one such as registry.example/team/web:1.2`,
    )
  }
  return text
}

import { decodeMessage, openEnvelope } from './protobuf.ts'
import { builtinType, hasBuiltinType } from './schema/builtin.ts'
import { badRequest, unsupportedMediaType } from './status.ts'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

const protobuf = 'application/vnd.kubernetes.protobuf'

const media = ['application/json', 'application/yaml', protobuf]

/** @throws 415 for a body in a form that objects do not come in; one that names none is taken for JSON */
export function checkObjectMedia(contentType: string): void {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== '' && !media.includes(type)) throw unsupportedMediaType(media)
}

/**
 * A request's body as a JSON value. Protocol buffers are read by the schemas of built-in kinds. YAML, which clients may send, is read by the `yaml` package, loaded when it first comes.
 *
 * @throws 400 on text that is neither
 */
export async function parseBody(body: string | Uint8Array | undefined, contentType: string): Promise<unknown> {
  if (contentType.startsWith(protobuf))
    return parseProtobuf(typeof body === 'string' ? encoder.encode(body) : (body ?? encoder.encode('')))
  const text = body === undefined ? '' : typeof body === 'string' ? body : decoder.decode(body)
  if (text.trim() === '') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    if (!contentType.includes('yaml')) {
      const why = error instanceof Error ? error.message : String(error)
      throw badRequest(`error decoding request body: couldn't parse JSON: ${why}`)
    }
  }
  const { parse } = await import('yaml')
  try {
    // As Go's library reads it: YAML 1.1, where `y` is true, with times left as text; of equal keys the last one counts.
    const value: unknown = parse(text, {
      version: '1.1',
      logLevel: 'error',
      uniqueKeys: false,
      merge: true,
      customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:timestamp'),
    })
    return value
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Options of deletes have a type of their own; other kinds are called as their Go types, Events of the events API apart. */
function parseProtobuf(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  const { apiVersion, kind, raw } = openEnvelope(bytes)
  const name = kind === 'Event' && apiVersion !== 'v1' ? 'events.Event' : kind
  if (!hasBuiltinType(name)) throw badRequest(`no kind "${kind}" is known in protobuf for version "${apiVersion}"`)
  return { ...decodeMessage(builtinType(name), raw), apiVersion, kind }
}

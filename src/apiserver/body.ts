import { badRequest } from './status.ts'

const decoder = new TextDecoder()

/**
 * A request's body as a JSON value. YAML, which clients may send, is read by the `yaml` package, loaded when it first comes.
 *
 * @throws 400 on text that is neither
 */
export async function parseBody(body: string | Uint8Array | undefined, contentType: string): Promise<unknown> {
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
    const value: unknown = parse(text)
    return value
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`)
  }
}

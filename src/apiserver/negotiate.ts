import { notAcceptable } from './status.ts'

/** In which form a client wants objects. */
export interface Format {
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata'
  /** The API version of the Table or the metadata. */
  readonly version: string
}

const plain: Format = { as: 'object', version: '' }

/**
 * The first form of an `Accept` header that the server can write of one object, of a list or of a watch. Quality values are ignored, as kubectl orders by preference.
 *
 * @throws 406 when only forms are named that it cannot write (protobuf, CBOR)
 */
export function negotiate(accept: string | undefined, of: 'object' | 'list' | 'watch'): Format {
  if (accept === undefined || accept === '') return plain
  for (const range of accept.split(',')) {
    const [media = '', ...parameters] = range.split(';').map((part) => part.trim())
    if (media !== 'application/json' && media !== '*/*' && media !== 'application/*' && media !== 'text/plain') continue
    const values = new Map(parameters.map((parameter) => split(parameter)))
    const as = values.get('as')
    if (as === undefined) return plain
    const version = `${values.get('g') ?? ''}/${values.get('v') ?? ''}`
    if (version !== 'meta.k8s.io/v1' && version !== 'meta.k8s.io/v1beta1') continue
    if (as === 'Table') return { as: 'Table', version }
    const single = as === 'PartialObjectMetadata' && of !== 'list'
    const many = as === 'PartialObjectMetadataList' && of !== 'object'
    if (single || many) return { as: 'PartialObjectMetadata', version }
  }
  throw notAcceptable(['application/json', 'application/json;as=Table;v=v1;g=meta.k8s.io'])
}

function split(parameter: string): [string, string] {
  const equals = parameter.indexOf('=')
  return equals < 0 ? [parameter, ''] : [parameter.slice(0, equals), parameter.slice(equals + 1)]
}

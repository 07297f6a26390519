/** What an instant query came to. */
export type Answer =
  /** The one value; none for an empty vector. NaN and infinities are values. */
  { readonly value: number | undefined; readonly warnings: readonly string[] } | NoAnswer

/** Why there is no value, in one clause. */
export interface NoAnswer {
  readonly error: string
  /** Given where no server can have seen the query: it is out of reach from here or too slow, or a file of the configuration is not here. */
  readonly reached?: false
}

/**
 * Reads the body of an answer to /api/v1/query (https://prometheus.io/docs/prometheus/latest/querying/api/). `error` says in
 * one clause why there is no value.
 */
export function readAnswer(body: string): Answer {
  const answer = parseJson(body)
  if (!isRecord(answer) || (answer['status'] !== 'success' && answer['status'] !== 'error')) {
    return { error: `the answer is not Prometheus' (it starts with ${JSON.stringify(body.slice(0, 40))})` }
  }
  if (answer['status'] === 'error') return { error: `${answer['errorType']}: ${answer['error']}` }
  const data = answer['data']
  if (!isRecord(data)) return { error: 'the answer holds no data' }
  const warnings = Array.isArray(answer['warnings']) ? answer['warnings'].map(String) : []
  const result = data['result']
  if (data['resultType'] === 'scalar') return withValue(result, warnings)
  if (data['resultType'] !== 'vector' || !Array.isArray(result)) {
    return { error: `the query gives a ${data['resultType']}, not a number at one instant` }
  }
  if (result.length === 0) return { value: undefined, warnings }
  if (result.length > 1) {
    return {
      error: `the query gives ${result.length} series where one is needed; aggregate them, for example with sum()`,
    }
  }
  const sample: unknown = result[0]
  if (isRecord(sample) && 'histogram' in sample) return { error: 'the query gives a histogram, not a number' }
  return withValue(isRecord(sample) ? sample['value'] : undefined, warnings)
}

/** A sample is `[seconds, "value"]`; the value is a text because JSON has no NaN. */
function withValue(sample: unknown, warnings: readonly string[]): Answer {
  const text: unknown = Array.isArray(sample) ? sample[1] : undefined
  if (typeof text !== 'string' || text === '') return { error: 'the answer holds no value' }
  const infinite = /^([+-]?)Inf$/.exec(text)
  const value = infinite !== null ? (infinite[1] === '-' ? -Infinity : Infinity) : Number(text)
  if (Number.isNaN(value) && text !== 'NaN')
    return { error: `the answer holds ${JSON.stringify(text)}, which is no number` }
  return { value, warnings }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { didYouMean } from '../project/nearest.ts'
import { UsageError } from './io.ts'

/** The format asked for with `-o`, or a UsageError that lists those there are and names the nearest. */
export function requireOutputFormat<Format extends string>(asked: unknown, known: readonly Format[]): Format {
  const format = known.find((name) => name === asked)
  if (format !== undefined) return format
  const word = String(asked)
  throw new UsageError(`-o ${word} is not a format${didYouMean(word, known)}; there are ${known.join(', ')}`)
}

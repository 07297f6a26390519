import { UsageError } from './io.ts'

/** The format asked for with `-o`, or a UsageError that lists those there are. */
export function requireOutputFormat<Format extends string>(asked: unknown, known: readonly Format[]): Format {
  const format = known.find((name) => name === asked)
  if (format === undefined) throw new UsageError(`-o ${String(asked)} is not a format; there are ${known.join(', ')}`)
  return format
}

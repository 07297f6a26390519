import type { CommandIo } from '../io.ts'

/** Says on stderr what is going on, but only when it takes longer than a second. */
export async function during<Result>(io: CommandIo, what: string, work: Promise<Result>): Promise<Result> {
  const timer = setTimeout(() => io.stderr.write(`${what} …\n`), 1000)
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}

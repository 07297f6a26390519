import type { Command } from 'commander'
import type { CommandIo } from '../io.ts'
import { readLine } from './line.ts'
import { offersFor } from './offer.ts'
import { valuesOf } from './values.ts'

/**
 * Prints what may stand for the last of these words: a line for each, with a tab before what it is, and a last one for the shell: `:0` where
 * files may stand there, `:4` where nothing else may (the numbers are those that scripts for shells made by others know too).
 */
export async function printOffers(ap: Command, words: readonly string[], io: CommandIo): Promise<void> {
  const { offers, files } = await offersFor(ap, readLine(ap, words), words.at(-1) ?? '', valuesOf(io))
  // A value with a line break or a tab could not be told from two.
  const lines = offers
    .filter(({ value }) => !/[\t\r\n]/.test(value))
    .map(({ value, about = '' }) => `${value}\t${about.replace(/\s+/g, ' ').trim()}\n`)
  io.stdout.write(`${lines.join('')}:${files ? 0 : 4}\n`)
}

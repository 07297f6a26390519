import { addAbortSignal } from 'node:stream'
import type { CommandIo } from './io.ts'

/** What is piped or typed into the command; reading it ends with an error when the command is interrupted. */
export function standardInput({ stdin, signal }: CommandIo): AsyncIterable<Uint8Array | string> {
  return stdin ?? addAbortSignal(signal, process.stdin)
}

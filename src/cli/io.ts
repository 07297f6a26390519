/** Where a command talks to: given in, so that tests read what a user would see. */
export interface CommandIo {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** The process's own unless given. */
  readonly stdin?: AsyncIterable<Uint8Array | string>
  /** Folder that relative paths are about. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts on Ctrl-C and SIGTERM; a command then cleans up and returns 130. */
  readonly signal: AbortSignal
}

/** Why a command's signal aborts: which signal of the system came. */
export class Interruption extends DOMException {
  readonly by: 'SIGINT' | 'SIGTERM'

  constructor(by: 'SIGINT' | 'SIGTERM') {
    super(`ended by ${by}`, 'AbortError')
    this.by = by
  }
}

/** Exit codes of every command. */
export const exitCode = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const

/** Thrown where the call itself is wrong: printed without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A command as far as sentences need it. */
interface Said {
  readonly by?: string
  readonly reason?: string
}

/** `aborted by alice: errors in the log`, as far as that is known. */
export function said(what: string, { by, reason }: Said): string {
  return `${what}${by === undefined ? '' : ` by ${by}`}${reason === undefined ? '' : `: ${reason}`}`
}

/** Part of an answer: a command, if there is one, is not followed for this reason. */
export function refusing(command: Said | undefined, why: string): { readonly refuses?: string } {
  return command === undefined ? {} : { refuses: why }
}

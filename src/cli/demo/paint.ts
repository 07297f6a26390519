import { createColors } from 'picocolors'

export type Colors = ReturnType<typeof createColors>

/** Colours on a terminal only, and not against the user's wish (https://no-color.org). */
export function colorsFor(terminal: boolean, env: Readonly<Record<string, string | undefined>>): Colors {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  return createColors(terminal && !refused)
}

import { padEnd, widthOf, wrap } from '../columns.ts'

export interface Column {
  readonly title: string
  /** A column that may be broken into lines takes the room that the others leave. */
  readonly wraps?: boolean
}

const gap = '  '
const narrowest = 22

/** Rows under headings, wrapped to the width; where that is too narrow for all columns, the wrapping ones go below each row. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const natural = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  )
  const fixed = columns.reduce((sum, { wraps }, index) => sum + (wraps ? 0 : (natural[index] ?? 0)), 0)
  const room = width - fixed - gap.length * (columns.length - 1)
  const wrapping = columns.filter(({ wraps }) => wraps).length
  if (wrapping > 0 && room < wrapping * narrowest) return stacked(columns, natural, rows, width)
  const widths = share(columns, natural, room)
  const titles = columns.map(({ title }) => title)
  return [titles, ...rows].flatMap((row) => cells(row, columns, widths))
}

/** Narrow columns get what they need, wide ones divide the rest evenly. */
function share(columns: readonly Column[], natural: readonly number[], room: number): number[] {
  const widths = [...natural]
  let open = columns.flatMap(({ wraps }, index) => (wraps ? [index] : []))
  let left = room
  while (open.length > 0) {
    const each = Math.floor(left / open.length)
    const small = open.filter((index) => (natural[index] ?? 0) <= each)
    if (small.length === 0) {
      for (const index of open) widths[index] = each
      break
    }
    for (const index of small) left -= natural[index] ?? 0
    open = open.filter((index) => !small.includes(index))
  }
  return widths
}

function cells(row: readonly string[], columns: readonly Column[], widths: readonly number[]): string[] {
  const lines = columns.map(({ wraps }, index) =>
    wraps ? wrap(row[index] ?? '', widths[index] ?? 0) : [row[index] ?? ''],
  )
  const height = Math.max(...lines.map((cell) => cell.length))
  return Array.from({ length: height }, (_, line) =>
    lines
      .map((cell, index) => padEnd(cell[line] ?? '', widths[index] ?? 0))
      .join(gap)
      .trimEnd(),
  )
}

function stacked(
  columns: readonly Column[],
  natural: readonly number[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const short = columns.flatMap(({ wraps }, index) => (wraps ? [] : [index]))
  const long = columns.flatMap(({ wraps }, index) => (wraps ? [index] : []))
  const label = Math.max(...long.map((index) => widthOf(columns[index]?.title ?? '')))
  const head = (row: readonly string[]) =>
    short
      .map((index) => padEnd(row[index] ?? '', natural[index] ?? 0))
      .join(gap)
      .trimEnd()
  const below = (row: readonly string[]) =>
    long.flatMap((index) =>
      wrap(row[index] ?? '', width - label - 2 * gap.length).map(
        (line, number) => `${gap}${padEnd(number === 0 ? (columns[index]?.title ?? '') : '', label)}${gap}${line}`,
      ),
    )
  return [head(columns.map(({ title }) => title)), ...rows.flatMap((row) => [head(row), ...below(row)])]
}

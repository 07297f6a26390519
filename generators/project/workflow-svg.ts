import type { Phase, Project } from '../../src/project/project.ts'
import { saidIn, type Workflow, waysOf } from './workflow-diagram.ts'

/** In pixels. */
const box = { width: 200, height: 44, gap: 36, radius: 8 }
/** How much farther out each further step of a way across several phases goes. */
const lane = 26
const margin = 24

/**
 * The phases as a picture, one below the other: ways to the next one are straight, ways down are on the right, ways back on the left.
 * Colours follow the page that shows it.
 */
export function svg({ kind, phases, verbs }: Pick<Project, 'kind'> & Workflow): string {
  const order = new Map(phases.map(({ name }, index) => [name, index]))
  const ways = waysOf({ phases, verbs }).map(({ from, to }) => ({ from: order.get(from) ?? 0, to: order.get(to) ?? 0 }))
  const left = margin + lane * widest(ways.map(({ from, to }) => from - to))
  const right = margin + lane * Math.max(0, widest(ways.map(({ from, to }) => to - from)) - 1)
  const width = left + box.width + right
  const height = 2 * margin + phases.length * (box.height + box.gap) - box.gap
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>Phases of ${kind}</title>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">',
    '<path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>',
    '<g fill="none" stroke="currentColor" font-family="system-ui, sans-serif" font-size="14">',
    ...ways.map(({ from, to }) => way(from, to, left)),
    ...phases.map((phase, index) => shape(phase, index, left, saidIn({ verbs }, phase))),
    '</g></svg>',
  ].join('\n')}\n`
}

function widest(distances: readonly number[]): number {
  return Math.max(0, ...distances)
}

function shape({ name, initial, final }: Phase, index: number, x: number, words: string): string {
  const y = top(index)
  const rect = (inset: number) =>
    `<rect x="${x + inset}" y="${y + inset}" width="${box.width - 2 * inset}" height="${box.height - 2 * inset}" rx="${box.radius}"${initial ? ' stroke-width="2.5"' : ''}/>`
  const text = (content: string, down: number, size = '') =>
    `<text x="${x + box.width / 2}" y="${y + box.height / 2 + down}" text-anchor="middle" dominant-baseline="central" fill="currentColor" stroke="none"${size}>${content}</text>`
  const texts = words === '' ? [text(name, 0)] : [text(name, -7), text(words, 10, ' font-size="11"')]
  return [rect(0), ...(final ? [rect(4)] : []), ...texts].join('')
}

function way(from: number, to: number, x: number): string {
  if (to === from + 1) {
    const middle = x + box.width / 2
    return line(`M${middle} ${top(from) + box.height}V${top(to)}`)
  }
  const down = to > from
  const side = down ? x + box.width : x
  const out = lane * (down ? to - from - 1 : to - from)
  // Ways leave below the middle and arrive above it, so that those of one pair do not lie on each other.
  const start = top(from) + box.height * 0.65
  const end = top(to) + box.height * 0.35
  return line(`M${side} ${start}C${side + out * 1.3} ${start} ${side + out * 1.3} ${end} ${side} ${end}`)
}

function line(path: string): string {
  return `<path d="${path}" marker-end="url(#head)"/>`
}

function top(index: number): number {
  return margin + index * (box.height + box.gap)
}

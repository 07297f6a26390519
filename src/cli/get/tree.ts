import { age } from '../cluster/age.ts'
import { widthOf, wrap } from '../columns.ts'
import type { Colors } from '../demo/paint.ts'
import type { TrafficView } from './observe-resource.ts'
import type { ResourceView } from './resource-view.ts'

interface Branch {
  readonly title: string
  readonly lines: readonly string[]
}

/** A resource as a tree of at most `width` columns, a line each; `now` in milliseconds since the epoch. */
export function tree(
  kind: string,
  view: ResourceView,
  { width, now, colors }: { width: number; now: number; colors: Colors },
): string[] {
  const { bold, dim } = colors
  const since = view.history.at(-1)
  const stay = since?.left === undefined && since !== undefined ? ` for ${age(since.entered, now)}` : ''
  const branches: Branch[] = [
    { title: 'phases', lines: phaseLines(view, now) },
    ...(view.traffic.length === 0 ? [] : [{ title: 'traffic', lines: view.traffic.flatMap(trafficLines) }]),
    {
      title: 'conditions',
      lines: view.conditions.map(({ type, status, reason, message }) => {
        const paint = status === 'True' ? colors.green : status === 'False' ? colors.red : colors.yellow
        return `${paint(`${type} ${status}`)} ${reason}: ${message}`
      }),
    },
    { title: view.isFinal ? 'ended' : 'now', lines: [view.waits] },
    { title: 'next', lines: [nextOf(view)] },
    { title: 'can be told to', lines: verbLines(view) },
  ].filter(({ lines }) => lines.length > 0)
  return [
    `${bold(`${kind} ${view.name}`)}  ${phaseText(view, colors)}${dim(stay)}`,
    ...branches.flatMap(({ title, lines }, index) => {
      const isLast = index === branches.length - 1
      const wrapped = lines.flatMap((line) => hanging(line, width - 6))
      return [
        `${dim(isLast ? '└─' : '├─')} ${dim(title)}`,
        ...wrapped.map((line) => `${isLast ? ' ' : dim('│')}    ${line}`),
      ]
    }),
  ]
}

function phaseText({ phase, isFinal, isDeleted, conditions }: ResourceView, colors: Colors): string {
  if (isDeleted) return colors.yellow('is being deleted')
  const ready = conditions.find(({ type }) => type === 'Ready')?.status
  const paint = ready === 'False' ? colors.red : isFinal ? colors.green : colors.cyan
  return paint(phase)
}

function phaseLines({ history }: ResourceView, now: number): string[] {
  const longest = Math.max(0, ...history.map(({ phase }) => widthOf(phase)))
  return history.map(({ phase, entered, left, reason }) => {
    const stay = age(entered, left === undefined ? now : Date.parse(left))
    const why = reason === undefined ? '' : `  ${reason}`
    return `${entered.slice(11, 19)}  ${phase.padEnd(longest)}  ${stay}${why}`
  })
}

function trafficLines({ service, requested, observed }: TrafficView): string[] {
  const first = `${service}  asked for ${shares(requested)}`
  if (observed.length === 0) return [first, '  the mesh has no object for it']
  return [
    first,
    ...observed.map(({ port, weights, matches }) => {
      const more = matches === 0 ? '' : `, and ${matches} ${matches === 1 ? 'match' : 'matches'} before it`
      return `  port ${port}: the mesh has ${shares(weights)}${more}`
    }),
  ]
}

/** Weights as shares of their sum, which is all they mean. */
export function shares(weights: Readonly<Record<string, number>>): string {
  const sum = Object.values(weights).reduce((total, weight) => total + weight, 0)
  const texts = Object.entries(weights).map(([name, weight]) => {
    const share = sum === 0 ? 0 : (weight / sum) * 100
    return `${Number(share.toFixed(1))} % ${name}`
  })
  return texts.join(', ') || 'nothing'
}

function nextOf({ next, isFinal, isDeleted }: ResourceView): string {
  if (isDeleted) return 'it goes when the operator has cleaned up'
  if (isFinal) return 'nothing: the workflow has ended'
  return next.length === 0 ? 'nothing: no other phase can be reached' : `${next.join(', ')}, as its worker decides`
}

function verbLines({ verbs }: ResourceView): string[] {
  const longest = Math.max(0, ...verbs.map(({ name }) => name.length))
  return verbs.map(({ name, description }) => `${name.padEnd(longest)}  ${description}`.trimEnd())
}

/** Wrapped, with the lines after the first two columns further in. */
function hanging(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line]
  const indent = /^ */.exec(line)?.[0] ?? ''
  const [first = '', ...rest] = wrap(line.trimStart(), width - indent.length - 2)
  return [`${indent}${first}`, ...rest.map((text) => `${indent}  ${text}`)]
}

import { isFields } from '../../mesh/fields.ts'
import type { Colors } from '../demo/paint.ts'

/** Levels of pino (https://getpino.io/#/docs/api?id=levels). */
const levels: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}

/** A line of pino's JSON for people: time, level, message, then the facts; any other line as it is. */
export function prettyLine(line: string, colors: Colors): string {
  const record = parse(line)
  if (record === undefined) return line
  const { level, time, msg, pid: _pid, hostname: _host, operator: _operator, err, ...facts } = record
  const word = (typeof level === 'number' ? levels[level] : undefined) ?? 'INFO'
  const at = typeof time === 'number' ? new Date(time).toISOString().slice(11, 23) : ''
  const paint = word === 'ERROR' || word === 'FATAL' ? colors.red : word === 'WARN' ? colors.yellow : colors.green
  const pairs = Object.entries(facts).map(([name, value]) => `${colors.dim(`${name}=`)}${factText(value)}`)
  const head = [colors.dim(at), paint(word.padEnd(5)), typeof msg === 'string' ? msg : '', ...pairs]
  return [head.filter((part) => part !== '').join(' '), ...errorLines(err).map((text) => colors.dim(`  ${text}`))].join(
    '\n',
  )
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isFields(value) && 'level' in value ? value : undefined
  } catch {
    return undefined
  }
}

function factText(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return value
  return JSON.stringify(value) ?? String(value)
}

function errorLines(err: unknown): string[] {
  if (err === undefined) return []
  const text = isFields(err) ? (err['stack'] ?? err['message'] ?? JSON.stringify(err)) : err
  return String(text).split('\n')
}

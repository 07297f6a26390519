import { isFields } from '../../mesh/fields.ts'

const levels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
/** What is the same in every line, or told otherwise. */
const dull = new Set(['level', 'time', 'msg', 'operator', 'pid', 'hostname', 'v'])

/** A line of the operator's log for people: its level, its sentence, its facts. What is no log line stays as it is. */
export function logLine(line: string): string {
  const entry = parse(line)
  if (entry === undefined) return line
  const facts = Object.entries(entry).flatMap(([name, value]) => (dull.has(name) ? [] : [`${name}=${textOf(value)}`]))
  return [levels[Number(entry['level'])] ?? '', String(entry['msg']), ...facts].join(' ').trim()
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isFields(value) && 'msg' in value ? value : undefined
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string {
  if (isFields(value) && typeof value['message'] === 'string') return JSON.stringify(value['message'])
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { errorReference } from '../../generators/error-reference.ts'
import { catalogue, diagnostic } from '../../src/diagnostics/catalogue.ts'
import { accessCodes } from '../../src/diagnostics/codes/access.ts'
import { attachmentCodes } from '../../src/diagnostics/codes/attachments.ts'
import { buildCodes } from '../../src/diagnostics/codes/build.ts'
import { cliCodes } from '../../src/diagnostics/codes/cli.ts'
import { commandCodes } from '../../src/diagnostics/codes/commands.ts'
import { connectionCodes } from '../../src/diagnostics/codes/connections.ts'
import { kindTypeCodes } from '../../src/diagnostics/codes/kind-types.ts'
import { kubeCodes } from '../../src/diagnostics/codes/kube.ts'
import { manifestCodes } from '../../src/diagnostics/codes/manifests.ts'
import { meshCodes } from '../../src/diagnostics/codes/mesh.ts'
import { metricsCodes } from '../../src/diagnostics/codes/metrics.ts'
import { operatorCodes } from '../../src/diagnostics/codes/operator.ts'
import { ownershipCodes } from '../../src/diagnostics/codes/ownership.ts'
import { projectCodes } from '../../src/diagnostics/codes/project.ts'
import { servicePolicyCodes } from '../../src/diagnostics/codes/service-policies.ts'
import { DiagnosticError, formatDiagnostic } from '../../src/diagnostics/diagnostic.ts'

const ranges = [
  ['AP1', projectCodes],
  ['AP1', kindTypeCodes],
  ['AP2', meshCodes],
  ['AP2', accessCodes],
  ['AP2', connectionCodes],
  ['AP2', servicePolicyCodes],
  ['AP2', attachmentCodes],
  ['AP2', ownershipCodes],
  ['AP3', kubeCodes],
  ['AP4', operatorCodes],
  ['AP4', commandCodes],
  ['AP5', metricsCodes],
  ['AP6', cliCodes],
  ['AP6', buildCodes],
  ['AP7', manifestCodes],
] as const

/** Facts of which each is its own name. */
const facts = new Proxy({}, { get: (_facts, name) => `<${String(name)}>` })

describe('the catalogue of diagnostics', () => {
  test.each(ranges)('the codes that start with %s are in the file of their area, in order', (prefix, codes) => {
    const names = Object.keys(codes)
    expect(names.filter((name) => !new RegExp(`^${prefix}\\d{3}$`).test(name))).toEqual([])
    expect(names).toEqual(names.toSorted())
  })

  test('no code is in two areas', () => {
    const all = ranges.flatMap(([, codes]) => Object.keys(codes))
    expect(Object.keys(catalogue).toSorted()).toEqual(all.toSorted())
  })

  test.each(Object.entries(catalogue))('%s: the message has no full stop, the remedy ends with one', (_code, entry) => {
    const text: unknown = Reflect.apply(entry.text, undefined, [facts])
    const remedy: unknown =
      typeof entry.remedy === 'string' ? entry.remedy : Reflect.apply(entry.remedy, undefined, [facts])
    expect(text).toMatch(/[^.]$/)
    expect(text).not.toContain('undefined')
    // A remedy may consist of a fact alone; then its author writes the full stop.
    expect(remedy).toMatch(/\.$|^<\w+>$/)
    expect(entry.title).toMatch(/^[A-Z].*[^.]$/)
  })

  test('docs/reference/errors.md is up to date (renew it with `npm run docs`)', () => {
    expect(readFileSync('docs/reference/errors.md', 'utf8')).toBe(errorReference())
  })
})

describe('how diagnostics are printed', () => {
  const position = { file: 'autopilot.yaml', line: 3, column: 7 }

  test('with their place, on one line', () => {
    expect(formatDiagnostic(diagnostic('AP1105', { place: 'phases[0].inputs', value: '"pods"' }, position))).toBe(
      'autopilot.yaml:3:7 AP1105 "pods" is in phases[0].inputs twice. Remove one of the two.',
    )
  })

  test('an exception prints all of them and keeps its cause', () => {
    const cause = new Error('disk')
    const error = new DiagnosticError(
      [diagnostic('AP1003', undefined, position), diagnostic('AP1008', { file: 'a.yaml', problem: 'no disk' })],
      { cause },
    )
    expect(error.message.split('\n')).toEqual([
      'autopilot.yaml:3:7 AP1003 a second YAML document starts here; one file holds one document. Remove the `---` line, or move what follows it to a file of its own.',
      'AP1008 a.yaml cannot be read: no disk. Check the path and its permissions.',
    ])
    expect(error.cause).toBe(cause)
  })
})

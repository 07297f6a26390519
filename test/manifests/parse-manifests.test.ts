import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { DiagnosticError } from '../../src/diagnostics/diagnostic.ts'
import { parseManifests } from '../../src/manifests/parse-manifests.ts'

const parse = (text: string) => parseManifests(text, 'a.yaml', 'default')
const place = ({ file, line, column }: { file: string; line: number; column: number }) => `${file}:${line}:${column}`

describe('the objects of a file', () => {
  test('come in the order of the documents, with the place of each of their values', () => {
    const { manifests, problems } = parse(`# comment
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  ports:
    - port: 80
---
---
apiVersion: v1
kind: Service
metadata: { name: api }
`)
    expect(problems).toEqual([])
    expect(manifests.map(({ object }) => object.metadata)).toEqual([
      { name: 'web', namespace: 'shop' },
      { name: 'api', namespace: 'default' },
    ])
    const [web, api] = manifests
    expect(web && place(web.at(['spec', 'ports', 0, 'port']))).toBe('a.yaml:8:13')
    expect(web && place(web.atKey(['spec', 'ports', 0, 'port']))).toBe('a.yaml:8:7')
    expect(web && place(web.at(['spec', 'ports', 0, 'name']))).toBe('a.yaml:8:7')
    expect(api && place(api.at(['spec']))).toBe('a.yaml:11:1')
  })

  test('may be in Lists of any kind, in YAML and in JSON, and keep their places', () => {
    const { manifests } = parse(
      '{"apiVersion": "v1", "kind": "List", "items": [\n' +
        ' {"apiVersion": "v1", "kind": "ServiceList", "items": [{"metadata": {"name": "web"}}]}\n]}',
    )
    const [web] = manifests
    expect(web?.object).toMatchObject({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } })
    expect(web && place(web.at(['metadata', 'name']))).toBe('a.yaml:2:78')
  })

  test('are read as kubectl reads them: YAML 1.1, but no base 60, and a lone dot is text', () => {
    const { manifests } = parse(
      '{apiVersion: v1, kind: A, metadata: {name: a}, spec: {a: yes, b: 1:30, c: [.], d: 0o7}}'.replace(
        '{api',
        '---\n{api',
      ),
    )
    expect(manifests[0]?.object.spec).toMatchObject({ a: true, b: '1:30', c: ['.'] })
  })

  test.each([
    ['[]', '1:1 AP7001 this is no object of the Kubernetes API: it is not an object'],
    ['kind: A', '1:1 AP7001 this is no object of the Kubernetes API: it has no apiVersion'],
    ['apiVersion: v1', '1:1 AP7001 this is no object of the Kubernetes API: it has no kind'],
    ['apiVersion: v1\nkind: A', '1:1 AP7001 this is no object of the Kubernetes API: it has no metadata.name'],
    [
      'apiVersion: v1\nkind: List\nitems: [7]',
      '3:9 AP7001 this is no object of the Kubernetes API: it is not an object',
    ],
  ])('%j is none', (text, expected) => {
    const [problem] = parse(text).problems
    const { line, column } = problem?.position ?? {}
    expect(`${line}:${column} ${problem?.code} ${problem?.message}`).toBe(expected)
  })

  test.prop(
    [fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.stringMatching(/^[-{}[\]:,&*!|>'"%@`#? \na-b]{0,40}$/))],
    { numRuns: 300 },
  )('whatever the text: objects, problems with a place, or an error with one', (text) => {
    try {
      expect(parse(text).problems.every(({ position }) => position !== undefined)).toBe(true)
    } catch (error) {
      expect(error).toBeInstanceOf(DiagnosticError)
    }
  })

  test('a few lines of aliases that would grow to 9^20 values are refused instead of followed', () => {
    const levels = Array.from({ length: 20 }, (_, level) => {
      const items = Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*a${level - 1}`))
      return `a${level}: &a${level} [${items.join(', ')}]`
    })
    expect(() => parse(levels.join('\n'))).toThrow('AP1005')
  })
})

import { describe, expect, test } from 'vitest'
import { at, type Json, list } from './client.ts'
import { configMap, definitionsPath, eventually, install, namespace, widgets } from './fixtures.ts'
import type { Connected } from './suite.ts'

const schemaPath = 'spec.validation.openAPIV3Schema'
const string = { type: 'string' }

/** What a definition says of its `spec` and its version, and the first cause of its refusal, cut at `…`. */
const refusals: readonly [spec: Json, version: Json, cause: string][] = [
  [{ type: 'thing' }, {}, `${schemaPath}.properties[spec].type: Unsupported value: "thing": …`],
  [{ ...string, pattern: '(' }, {}, `${schemaPath}.properties[spec].pattern: Invalid value: "(": …`],
  [
    { type: 'object', 'x-kubernetes-map-type': 'other' },
    {},
    `${schemaPath}.properties[spec].x-kubernetes-map-type: Unsupported value: "other": …`,
  ],
  [
    { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object', properties: { a: string } } },
    {},
    `${schemaPath}.properties[spec].items.x-kubernetes-map-type: Invalid value: null: must be atomic …`,
  ],
  [
    { type: 'object', 'x-kubernetes-preserve-unknown-fields': false },
    {},
    `${schemaPath}.properties[spec].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`,
  ],
  [
    string,
    { subresources: { scale: { specReplicasPath: 'spec.x', statusReplicasPath: '.status.y' } } },
    'spec.subresources.scale.specReplicasPath: Invalid value: "spec.x": must be a simple json path starting with .',
  ],
  [
    string,
    { additionalPrinterColumns: [{ name: 'x', type: 'thing', jsonPath: '.a' }] },
    'spec.additionalPrinterColumns[0].type: …',
  ],
  [string, { deprecationWarning: 'x' }, 'spec.versions[0].deprecationWarning: Invalid value: "x": …'],
]

/** Definitions that are no definitions, versions that must stay, and deletes and watches that are misread easily. */
export function definitionRefusalTests(api: Connected): void {
  describe.concurrent('definitions and options that are refused', () => {
    test('a definition that breaks a rule is Invalid and names the place', async () => {
      for (const [spec, version, expected] of refusals) {
        const { status, body } = await api().post(definitionsPath, widgets(spec, { version }).definition)
        expect(`${status} ${at(body, 'reason')}`, expected).toBe('422 Invalid')
        const texts = list(at(body, 'details', 'causes')).map((one) => `${at(one, 'field')}: ${at(one, 'message')}`)
        const wanted = expected.replace('…', '')
        expect(texts.map((text) => (expected.endsWith('…') ? text.slice(0, wanted.length) : text))).toContain(wanted)
      }
    })

    test('a version in which objects may be stored stays', async () => {
      const kind = widgets(string)
      await install(api(), kind)
      const path = `${definitionsPath}/widgets.${kind.group}`
      await eventually(async () => list(at((await api().get(path)).body, 'status', 'storedVersions')).length > 0)
      const v2 = { name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }
      const { status, body } = await api().merge(path, { spec: { versions: [v2] } })
      expect(status).toBe(422)
      expect(at(body, 'details', 'causes', 0, 'field')).toBe('status.storedVersions[0]')
    })

    test('a delete with options that are misspelled deletes nothing', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('kept'))
      const path = `${core}/configmaps/kept`
      expect((await api().delete(path, { dryRun: ['Some'] })).status).toBe(422)
      expect((await api().delete(`${path}?dryRun=true`)).status).toBe(422)
      expect((await api().delete(`${path}?gracePeriodSeconds=x`)).status).toBe(400)
      expect((await api().delete(path, { apiVersion: 'v1', kind: 'Pod' })).status).toBe(500)
      expect((await api().get(path)).status).toBe(200)
    })

    test('one object is got, not watched, by its path', async () => {
      const { core } = await namespace(api())
      await api().post(`${core}/configmaps`, configMap('a'))
      const { body } = await api().get(`${core}/configmaps/a`, { watch: true })
      expect(body.kind).toBe('ConfigMap')
      expect((await api().get(`${core}/configmaps/b`, { watch: true })).status).toBe(404)
    })

    test('the fields to select by are those of the version', async () => {
      const { name } = await namespace(api())
      const schema = { openAPIV3Schema: { type: 'object', properties: { color: string } } }
      // A schema that both share would be kept in another place, where fields to select by are too.
      const plain = { openAPIV3Schema: { type: 'object', properties: { color: string, size: string } } }
      const v1 = { name: 'v1', served: true, storage: true, schema, selectableFields: [{ jsonPath: '.color' }] }
      const kind = widgets(string, { versions: [v1, { name: 'v2', served: true, storage: false, schema: plain }] })
      await install(api(), kind)
      const query = { fieldSelector: 'color=red' }
      expect((await api().get(kind.path(name), query)).status).toBe(200)
      expect((await api().get(kind.path(name, 'v2'), query)).status).toBe(400)
    })
  })
}

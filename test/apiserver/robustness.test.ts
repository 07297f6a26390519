import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { createControlPlane } from '../../src/apiserver/control-plane.ts'
import { parseJsonPath } from '../../src/apiserver/crd-columns.ts'
import { parseFieldSelector, parseLabelSelector } from '../../src/apiserver/selectors.ts'
import { ApiError } from '../../src/apiserver/status.ts'
import { humanDuration } from '../../src/apiserver/time.ts'
import { InProcess } from './client.ts'

const plane = createControlPlane()
const api = new InProcess(plane)
const path = fc.constantFrom(
  '/api/v1/namespaces/default/configmaps',
  '/api/v1/namespaces/default/services/kubernetes',
  '/apis/apps/v1/namespaces/default/deployments',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/api/v1/namespaces/default',
)
const type = fc.constantFrom(
  'application/json',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
)
const spec = fc.record(
  {
    apiVersion: fc.constantFrom('v1', 'apps/v1'),
    kind: fc.string(),
    metadata: fc.jsonValue(),
    spec: fc.jsonValue(),
    status: fc.jsonValue(),
  },
  { requiredKeys: [] },
)
const body = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  spec.map((value) => JSON.stringify(value)),
  fc.string(),
  fc.uint8Array(),
)

describe('whatever a client sends', () => {
  test.prop([fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'), path, type, body], { numRuns: 400 })(
    'the answer is no internal error',
    async (method, where, kind, content) => {
      const answer = await api.raw(method, `${where}?fieldManager=x&dryRun=All`, content, kind)
      expect(String(answer.body)).not.toContain('Internal error')
    },
  )

  test.prop([fc.string()])('a selector is read or refused', (text) => {
    for (const parse of [parseLabelSelector, parseFieldSelector]) {
      try {
        parse(text)
      } catch (error) {
        expect(error).toBeInstanceOf(ApiError)
      }
    }
  })

  test.prop([fc.string()])('a column path is read as far as it goes', (text) => {
    expect(parseJsonPath(text)).toBeInstanceOf(Array)
  })
})

test.each([
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [9 * 60_000 + 5000, '9m5s'],
  [90 * 60_000, '90m'],
  [3 * 3_600_000, '3h'],
  [3 * 3_600_000 + 60_000, '3h1m'],
  [47 * 3_600_000, '47h'],
  [50 * 3_600_000, '2d2h'],
  [9 * 86_400_000, '9d'],
  [800 * 86_400_000, '2y70d'],
])('%i ms are shown as %s', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text)
})

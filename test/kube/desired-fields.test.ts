import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { fingerprint, project } from '../../src/kube/desired-fields.ts'
import { mergedByKey, replacedWhole } from '../../src/kube/list-keys.ts'

const covered = (desired: unknown, live: unknown) =>
  fingerprint(project(desired, live, mergedByKey)) === fingerprint(desired)

describe('a live object has what is desired', () => {
  test('when the server added defaults around it', () => {
    const desired = {
      spec: {
        template: { spec: { containers: [{ name: 'app', image: 'podinfo:1', ports: [{ containerPort: 80 }] }] } },
      },
    }
    const live = {
      spec: {
        replicas: 1,
        template: {
          spec: {
            restartPolicy: 'Always',
            containers: [
              {
                name: 'app',
                image: 'podinfo:1',
                imagePullPolicy: 'IfNotPresent',
                ports: [{ containerPort: 80, protocol: 'TCP' }],
              },
            ],
          },
        },
      },
    }
    expect(covered(desired, live)).toBe(true)
  })

  test('when someone added a container before it', () => {
    const desired = { containers: [{ name: 'app', image: 'a' }] }
    expect(covered(desired, { containers: [{ name: 'proxy' }, { name: 'app', image: 'a' }] })).toBe(true)
  })

  test('when it lacks only what is empty', () => {
    expect(covered({ spec: { selector: {}, rules: [], note: null } }, { spec: {} })).toBe(true)
  })

  test.each([
    ['a changed value', { weight: 10 }, { weight: 20 }],
    ['a missing field', { labels: { a: '1' } }, { labels: {} }],
    ['a changed entry', { containers: [{ name: 'app', image: 'a' }] }, { containers: [{ name: 'app', image: 'b' }] }],
    ['a missing entry', { containers: [{ name: 'app' }] }, { containers: [{ name: 'other' }] }],
    ['another order of rules', { http: [{ to: 'a' }, { to: 'b' }] }, { http: [{ to: 'b' }, { to: 'a' }] }],
    ['a rule too many', { http: [{ to: 'a' }] }, { http: [{ to: 'a' }, { to: 'b' }] }],
    ['another type', { port: 80 }, { port: 'http' }],
  ])('but not with %s', (_, desired, live) => {
    expect(covered(desired, live)).toBe(false)
  })

  test('as a merge patch sees it, only when lists are the same as a whole', () => {
    const desired = { containers: [{ name: 'app' }] }
    const live = { containers: [{ name: 'app' }, { name: 'proxy' }] }
    expect(fingerprint(project(desired, live, mergedByKey))).toBe(fingerprint(desired))
    expect(fingerprint(project(desired, live, replacedWhole))).not.toBe(fingerprint(desired))
  })
})

test.prop([fc.jsonValue()])('everything has itself', (value) => {
  expect(covered(value, structuredClone(value))).toBe(true)
})

test.prop([fc.dictionary(fc.string(), fc.jsonValue())])(
  'the order of fields makes no difference to the fingerprint',
  (record) => {
    expect(fingerprint(Object.fromEntries(Object.entries(record).toReversed()))).toBe(fingerprint(record))
  },
)

test.prop([fc.jsonValue(), fc.jsonValue()])('different values have different fingerprints', (a, b) => {
  expect(fingerprint(a) === fingerprint(b)).toBe(sorted(a) === sorted(b))
})

/** JSON with the fields in order, made another way than the code does. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}:${sorted(part)}`)
  return `{${fields.toSorted().join()}}`
}

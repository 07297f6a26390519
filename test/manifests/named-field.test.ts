import { expect, test } from 'vitest'
import { namedField } from '../../src/manifests/named-field.ts'

const spec = {
  service: 'web',
  ports: [80, 8080],
  backends: [{ service: 'a', weight: 1, foo: 2 }],
  retries: { attempts: 2, conditions: ['5xx', 'foo'] },
  request: { set: { 'x-a': 1 } },
}

test.each([
  ['TrafficSplit x is malformed: it has the unknown field ports', ['ports']],
  ['TrafficSplit x is malformed: backends[0] has the unknown field foo', ['backends', 0, 'foo']],
  ['TrafficSplit x is malformed: `backends` is not a list', ['backends']],
  ['TrafficSplit x is about port 8080 of shop/web, whose TCP ports are 80', ['ports', 0]],
  ['RetryPolicy x: retries.attempts is -1, and has to be a whole number from 0 to 100', ['retries', 'attempts']],
  ['RetryPolicy x: retries.conditions is "foo", and has to be 5xx', ['retries', 'conditions', 1]],
  ['RetryPolicy x: retries.perTryTimeout is 0', ['retries']],
  ['HeaderPolicy x is malformed: `request.set.x-a` is not a text', ['request', 'set', 'x-a']],
  ['RetryPolicy x is malformed: it has neither `timeout` nor `mirror`', []],
])('%s', (message, path) => {
  expect(namedField(message, spec)).toEqual(['spec', ...path])
})

test('whatever the document is, a message is about it at least', () => {
  for (const document of [undefined, null, 'text', 5, []])
    expect(namedField('ports[0] is no port', document)).toEqual(['spec'])
})

import { expect, test } from 'vitest'
import { featuresOf } from '../../src/mesh/features.ts'
import type { ServiceDirectory } from '../../src/mesh/routing.ts'
import type { PortTraffic, TrafficRule } from '../../src/mesh/traffic.ts'

const service = { namespace: 'shop', name: 'web' }
const services: ServiceDirectory = { ports: () => [80, 81], application: () => 'http' }
const to = (name: string, port: number, matches: TrafficRule['matches'] = []): TrafficRule => ({
  name,
  matches,
  backends: [{ service: { namespace: 'shop', name }, port, weight: 1 }],
})
const splitsPorts = (...ports: PortTraffic[]) => featuresOf({ service, ports }, services).has('portSplit')

test('ports are alike by what becomes of requests, whatever rules nothing gets to', () => {
  const whole = to('web-v1', 80, [{ path: { prefixPath: '/' } }])
  expect(splitsPorts({ port: 80, rules: [whole, to('web-v2', 80)] }, { port: 81, rules: [to('web-v1', 81)] })).toBe(
    false,
  )
  expect(splitsPorts({ port: 80, rules: [to('web-v2', 80)] }, { port: 81, rules: [to('web-v1', 81)] })).toBe(true)
})

test('ports that differ in a condition alone are not alike', () => {
  const rules = (port: number, path: string) => [to('web-v2', port, [{ path: { exact: path } }]), to('web-v1', port)]
  expect(splitsPorts({ port: 80, rules: rules(80, '/a') }, { port: 81, rules: rules(81, '/a') })).toBe(false)
  expect(splitsPorts({ port: 80, rules: rules(80, '/a') }, { port: 81, rules: rules(81, '/b') })).toBe(true)
})

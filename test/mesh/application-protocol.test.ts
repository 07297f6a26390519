import { expect, test } from 'vitest'
import { applicationProtocol } from '../../src/mesh/application-protocol.ts'

test.each([
  [{}, 'http'],
  [{ name: 'http' }, 'http'],
  [{ name: 'http-metrics' }, 'http'],
  [{ name: 'grpc-api' }, 'grpc'],
  [{ name: 'grpc' }, 'grpc'],
  [{ name: 'grpc-web' }, 'http'],
  [{ name: 'http', appProtocol: 'grpc' }, 'grpc'],
  [{ name: 'grpc', appProtocol: 'http' }, 'http'],
  [{ name: 'tcp' }, 'opaque'],
  [{ name: 'tcp-debug' }, 'opaque'],
  [{ name: 'tcpish' }, 'http'],
  [{ name: 'mysql-main' }, 'opaque'],
  [{ name: 'http', appProtocol: 'tcp' }, 'opaque'],
  [{ name: 'tcp', appProtocol: 'http' }, 'http'],
  [{ appProtocol: 'kubernetes.io/h2c' }, 'http'],
] as const)('a port %j speaks %s', (port, spoken) => {
  expect(applicationProtocol(port)).toBe(spoken)
})

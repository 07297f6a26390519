import { expect, test } from 'vitest'
import { applicationProtocol } from '../../src/mesh/application-protocol.ts'

test.each([
  [{}, undefined],
  [{ name: 'http' }, 'http'],
  [{ name: 'http-metrics' }, 'http'],
  [{ name: 'grpc-api' }, 'grpc'],
  [{ name: 'grpc' }, 'grpc'],
  [{ name: 'grpc-web' }, 'http'],
  [{ name: 'http', appProtocol: 'grpc' }, 'grpc'],
  [{ name: 'grpc', appProtocol: 'http' }, 'http'],
  [{ name: 'tcp' }, 'tcp'],
  [{ name: 'tcp-debug' }, 'tcp'],
  [{ name: 'tcpish' }, undefined],
  [{ name: 'https-admin' }, 'tls'],
  [{ name: 'http', appProtocol: 'kubernetes.io/wss' }, 'tls'],
  [{ appProtocol: 'TLS' }, 'tls'],
  [{ name: 'web' }, undefined],
  [{ name: 'mysql-main' }, 'tcp'],
  [{ name: 'http', appProtocol: 'tcp' }, 'tcp'],
  [{ name: 'tcp', appProtocol: 'http' }, 'http'],
  [{ appProtocol: 'kubernetes.io/h2c' }, 'http'],
] as const)('a port %j speaks %s', (port, spoken) => {
  expect(applicationProtocol(port)).toBe(spoken)
})

import type { KubeObject } from '../../src/kube/object.ts'
import { type Fields, fieldsOf, listOf, textOf } from '../../src/mesh/fields.ts'
import { type FieldPath, type FieldProblem, groupKind } from '../../src/mesh/object-reading.ts'
import { type ObjectSchema, schemaProblems } from '../../src/mesh/object-schema.ts'
import { versionProblems } from '../../src/mesh/served-version.ts'
import { serverNameProblem } from '../../src/mesh/server-names.ts'
import { tcpRoute } from './connection-route.ts'
import { connectionRouteSpec } from './schema.ts'

/** The versions that v1.1 to v1.6 of the Gateway API serve, in one channel or another. */
const tcpVersions: Readonly<Record<string, ObjectSchema>> = {
  v1: connectionRouteSpec({ rules: 1 }),
  v1alpha2: connectionRouteSpec({ rules: 16 }),
}
const tlsVersions: Readonly<Record<string, ObjectSchema>> = {
  v1: connectionRouteSpec({ rules: 1, names: 1024, required: true }),
  v1alpha3: connectionRouteSpec({ rules: 1, names: 1024, required: true }),
  v1alpha2: connectionRouteSpec({ rules: 16, names: 1024 }),
}

/** The schema of a TCPRoute or TLSRoute of its version and the rules in CEL about names and backends. */
export function connectionRouteProblems(route: KubeObject): FieldProblem[] {
  const versions = groupKind(route) === tcpRoute ? tcpVersions : tlsVersions
  const version = route.apiVersion.split('/')[1] ?? ''
  const schema = Object.hasOwn(versions, version) ? versions[version] : undefined
  if (schema === undefined) return versionProblems(route, Object.keys(versions))
  const shape = schemaProblems(schema, route.spec ?? {}, ['spec'])
  if (shape.length > 0) return shape
  const { hostnames, rules } = fieldsOf(route.spec)
  const names = listOf(hostnames).flatMap((name, index): FieldProblem[] => {
    const problem = serverNameProblem(textOf(name) ?? '')
    return problem === undefined ? [] : [{ path: ['spec', 'hostnames', index], problem }]
  })
  const backends = listOf(rules).flatMap((rule, index) =>
    listOf(fieldsOf(rule)['backendRefs']).flatMap((ref, position) =>
      portProblems(fieldsOf(ref), ['spec', 'rules', index, 'backendRefs', position]),
    ),
  )
  return [...names, ...backends]
}

/** A Service as backend needs a port. */
function portProblems({ group = '', kind = 'Service', port }: Fields, path: FieldPath): FieldProblem[] {
  if (group !== '' || kind !== 'Service' || port !== undefined) return []
  return [{ path, problem: 'Must have port for Service reference' }]
}

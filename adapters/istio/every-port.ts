import type { KubeObject } from '../../src/kube/object.ts'
import { everyPort } from '../../src/mesh/every-port.ts'
import { type Fields, fieldsOf, listOf } from '../../src/mesh/fields.ts'

/**
 * A VirtualService as it says `everyPort`: a match, a destination or a redirect without a port is for each of them, and means the one
 * that was asked for (HTTPMatchRequest and Destination of networking.istio.io/v1). Such routes stand last, and of the ports that
 * those before them name they are left nothing.
 */
export function withoutEveryPort(object: KubeObject): KubeObject {
  const sections = Object.entries(fieldsOf(object.spec)).map(([section, value]) => {
    return [section, section === 'hosts' ? value : listOf(value).map(withoutPorts)]
  })
  return { ...object, spec: Object.fromEntries(sections) }
}

function withoutPorts(route: unknown): Fields {
  const fields = Object.entries(fieldsOf(route)).flatMap(([field, value]): [string, unknown][] => {
    if (field === 'redirect') return [[field, withoutNumber(value)]]
    if (field === 'route' || field === 'mirrors') return [[field, listOf(value).map(withoutDestinationPort)]]
    if (field !== 'match') return [[field, value]]
    const matches = listOf(value).map(withoutNumber)
    // One without a condition takes everything, as no match does.
    return matches.some((match) => Object.keys(match).length === 0) ? [] : [[field, matches]]
  })
  return Object.fromEntries(fields)
}

function withoutNumber(value: unknown): Fields {
  const { port, ...rest } = fieldsOf(value)
  return port === everyPort ? rest : fieldsOf(value)
}

function withoutDestinationPort(value: unknown): Fields {
  const fields = fieldsOf(value)
  const { port, ...rest } = fieldsOf(fields['destination'])
  return fieldsOf(port)['number'] === everyPort ? { ...fields, destination: rest } : fields
}

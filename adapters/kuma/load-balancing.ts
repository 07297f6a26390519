import { formatDuration, readDuration } from '../../src/mesh/duration.ts'
import { type Fields, fieldsOf, listOf, otherFields, textOf } from '../../src/mesh/fields.ts'
import type { AffinityKey } from '../../src/mesh/service-policies.ts'
import type { Foreign } from './service-policy.ts'

/** Balancers that send what hashes alike to the same pod, with the field for each. */
const hashing: Readonly<Record<string, string>> = { RingHash: 'ringHash', Maglev: 'maglev' }

/** `default` of a MeshLoadBalancingStrategy. */
export function balancingDefault(affinity: AffinityKey): object {
  return { hashPolicies: [hashPolicy(affinity)], loadBalancer: { type: 'RingHash' } }
}

/** Envoy sets a cookie only where it has a `ttl`; of zero, the cookie lasts as long as the browser. */
function hashPolicy(key: AffinityKey): object {
  if (key === 'sourceIp') return { type: 'Connection', connection: { sourceIP: true } }
  if ('header' in key) return { type: 'Header', header: { name: key.header } }
  if ('queryParameter' in key) return { type: 'QueryParameter', queryParameter: { name: key.queryParameter } }
  const { name, ttl, path } = key.cookie
  const cookie = { name, ttl: formatDuration(ttl ?? 0), ...(path !== undefined && { path }) }
  return { type: 'Cookie', cookie }
}

/** Policies for the hash stand beside the balancer, or, in older objects, within it. */
export function readBalancing(conf: Fields, foreign: Foreign): AffinityKey | undefined {
  for (const field of otherFields(conf, ['hashPolicies', 'loadBalancer'])) foreign(field)
  const balancer = fieldsOf(conf['loadBalancer'])
  const type = textOf(balancer['type']) ?? ''
  const field = hashing[type]
  if (field === undefined) {
    foreign('loadBalancer')
    return undefined
  }
  const own = fieldsOf(balancer[field])
  for (const other of otherFields(balancer, ['type', field])) foreign('loadBalancer', other)
  for (const other of otherFields(own, ['hashPolicies'])) foreign('loadBalancer', field, other)
  const isBeside = listOf(conf['hashPolicies']).length > 0
  const place = isBeside ? ['hashPolicies'] : ['loadBalancer', field, 'hashPolicies']
  const [first, ...others] = listOf(isBeside ? conf['hashPolicies'] : own['hashPolicies']).map(fieldsOf)
  const key = first === undefined || others.length > 0 ? undefined : readHashPolicy(first)
  if (key === undefined) foreign(...place)
  return key
}

/** Undefined for what keeps no clients together by itself: a cookie that nobody sets, another property of the connection. */
function readHashPolicy({ type, header, cookie, connection, queryParameter }: Fields): AffinityKey | undefined {
  if (type === 'Connection') return fieldsOf(connection)['sourceIP'] === true ? 'sourceIp' : undefined
  if (type === 'Header') return { header: textOf(fieldsOf(header)['name']) ?? '' }
  if (type === 'QueryParameter') return { queryParameter: textOf(fieldsOf(queryParameter)['name']) ?? '' }
  const { name, ttl, path } = fieldsOf(cookie)
  if (type !== 'Cookie' || typeof ttl !== 'string') return undefined
  const age = readDuration(ttl)
  return {
    cookie: {
      name: textOf(name) ?? '',
      ...(age !== undefined && { ttl: age }),
      ...(typeof path === 'string' && path !== '' && { path }),
    },
  }
}

import type { KubeObject } from '../../src/kube/object.ts'
import { type Fields, fieldsOf, isFields, listOf, textOf, textsOf } from '../../src/mesh/fields.ts'
import type { FieldPath, FieldProblem } from '../../src/mesh/object-reading.ts'
import {
  exportProblems,
  gatewayProblems,
  hostIsWithin,
  hostOrAddressProblem,
  hostProblem,
  hostsOverlap,
  isLabel,
  labelProblems,
} from './webhook-names.ts'
import { httpRouteProblems, routeProblems } from './webhook-routes.ts'

const namespaceOf = ({ metadata }: KubeObject) => metadata.namespace ?? 'default'

/** What istiod's webhook refuses about a VirtualService of the right shape (pkg/config/validation, ValidateVirtualService). */
export function virtualServiceRefusals(object: KubeObject): FieldProblem[] {
  const fields = fieldsOf(object.spec)
  const hosts = textsOf(fields['hosts'])
  const routes = (kind: string) => listOf(fields[kind]).map(fieldsOf)
  const each = (kind: string, problems: (route: Fields, path: FieldPath) => FieldProblem[]) =>
    routes(kind).flatMap((route, index) => problems(route, ['spec', kind, index]))
  const isEmpty = ['http', 'tcp', 'tls'].every((kind) => routes(kind).length === 0)
  return [
    ...(isEmpty ? [{ path: ['spec'], problem: 'http, tcp or tls must be provided' }] : []),
    ...(hosts.length === 0 ? delegateProblems(fields) : []),
    ...hostProblems(fields),
    ...gatewayProblems(textsOf(fields['gateways']), ['spec', 'gateways']),
    ...exportProblems(textsOf(fields['exportTo']), namespaceOf(object), false, ['spec', 'exportTo']),
    ...each('http', (route, path) => httpRouteProblems(route, path, hosts.length === 0)),
    ...each('tcp', connectionProblems),
    ...each('tls', (route, path) => [...sniProblems(route, hosts, path), ...connectionProblems(route, path)]),
  ]
}

/** What it refuses about a DestinationRule (ValidateDestinationRule), but for what is in its traffic policies. */
export function destinationRuleRefusals(object: KubeObject): FieldProblem[] {
  const fields = fieldsOf(object.spec)
  const host = hostProblem(textOf(fields['host']) ?? '')
  const subsets = listOf(fields['subsets']).map(fieldsOf)
  const exports = textsOf(fields['exportTo'])
  return [
    ...(host === undefined ? [] : [{ path: ['spec', 'host'], problem: host }]),
    ...policyProblems(fields['trafficPolicy'], ['spec', 'trafficPolicy']),
    ...subsets.flatMap(({ name, labels, trafficPolicy }, index): FieldProblem[] => {
      const at = ['spec', 'subsets', index]
      const isTwice = subsets.findIndex((one) => one['name'] === name) < index
      return [
        ...(isTwice ? [{ path: [...at, 'name'], problem: `${String(name)} is there already` }] : []),
        ...(isLabel(textOf(name) ?? '')
          ? []
          : [{ path: [...at, 'name'], problem: `${JSON.stringify(name)} is no name of a subset` }]),
        ...labelProblems(fieldsOf(labels), [...at, 'labels']),
        ...policyProblems(trafficPolicy, [...at, 'trafficPolicy']),
      ]
    }),
    ...exportProblems(exports, namespaceOf(object), isFields(fields['workloadSelector']), ['spec', 'exportTo']),
  ]
}

function policyProblems(policy: unknown, path: FieldPath): FieldProblem[] {
  return isFields(policy) && Object.keys(policy).length === 0 ? [{ path, problem: 'it has no field' }] : []
}

/** A VirtualService that others delegate to has no hosts, and `http` alone. */
function delegateProblems(fields: Fields): FieldProblem[] {
  const there = ['gateways', 'tls', 'tcp'].filter((field) => listOf(fields[field]).length > 0)
  return there.map((field) => ({ path: ['spec', field], problem: 'without hosts it must be left out' }))
}

function hostProblems(fields: Fields): FieldProblem[] {
  const hosts = textsOf(fields['hosts'])
  const gateways = textsOf(fields['gateways'])
  const isOfMesh = gateways.length === 0 || gateways.includes('mesh')
  const problems = hosts.flatMap((host, index): FieldProblem[] => {
    const path = ['spec', 'hosts', index]
    const problem = hostOrAddressProblem(host)
    if (problem !== undefined) return [{ path, problem }]
    return host === '*' && isOfMesh ? [{ path, problem: 'the wildcard * is not allowed in the mesh' }] : []
  })
  if (problems.length > 0) return problems
  return hosts.flatMap((host, index) => {
    const twin = hosts.slice(0, index).find((other) => hostsOverlap(other, host))
    return twin === undefined ? [] : [{ path: ['spec', 'hosts', index], problem: `${twin} stands for it already` }]
  })
}

function connectionProblems(route: Fields, path: FieldPath): FieldProblem[] {
  const missing = listOf(route['route']).length === 0 ? [{ path, problem: 'route is required' }] : []
  const matches = listOf(route['match']).flatMap((value, index) => {
    const match = fieldsOf(value)
    const at = [...path, 'match', index]
    return [
      ...labelProblems(fieldsOf(match['sourceLabels']), [...at, 'sourceLabels']),
      ...gatewayProblems(textsOf(match['gateways']), [...at, 'gateways']),
    ]
  })
  return [...missing, ...matches, ...routeProblems(route['route'], [...path, 'route'])]
}

function sniProblems(route: Fields, hosts: readonly string[], path: FieldPath): FieldProblem[] {
  const matches = listOf(route['match']).map(fieldsOf)
  if (matches.length === 0) return [{ path, problem: 'match is required' }]
  return matches.flatMap((match, index) =>
    textsOf(match['sniHosts']).flatMap((host, position): FieldProblem[] => {
      const at = [...path, 'match', index, 'sniHosts', position]
      const problem = hostOrAddressProblem(host)
      if (problem !== undefined) return [{ path: at, problem }]
      const isWithin = hosts.some((other) => hostIsWithin(host, other))
      return isWithin ? [] : [{ path: at, problem: 'it is none of the hosts' }]
    }),
  )
}

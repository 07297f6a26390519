import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { ReadSplit } from './output-reading.ts'
import type { ServiceDirectory } from './routing.ts'
import { serviceName, spokenOn, tcpPorts } from './service.ts'
import { findTcpRoute, type ReadTcpRoute } from './tcp-route-reading.ts'

/**
 * The ports of the apex that a split is about: those it names, directly or by TCPRoutes; without a word about them all of TCP, or,
 * where it has conditions, those that can have them: HTTP ports, or TLS ports for server names. What it names and cannot
 * have is reported.
 */
export function splitPorts(
  split: ReadSplit,
  routes: readonly ReadTcpRoute[],
  services: ServiceDirectory,
  report: (problem: Diagnostic) => void,
): readonly number[] {
  const { output, apex } = split
  const all = tcpPorts(apex, services) ?? []
  const named = split.tcpRoutes === undefined ? split.ports : routePorts(split, routes, all, report)
  const { matches } = split
  if (matches === undefined) return named ?? all
  const names = matches.some((match) => 'sniHosts' in match)
  const fits = (port: number) => (names ? 'tls' : undefined) === spokenOn(apex, port, services)
  const facts = { output, conditions: names ? 'server names' : 'requests', apex: serviceName(apex) }
  const misfits = (named ?? []).filter((port) => all.includes(port) && !fits(port))
  for (const port of misfits) {
    const spoken = spokenOn(apex, port, services) ?? 'HTTP'
    report(diagnostic('AP2160', { ...facts, port, spoken: spoken === 'HTTP' ? spoken : spoken.toUpperCase() }))
  }
  const fitting = (named ?? all).filter(fits)
  if (named === undefined && fitting.length === 0 && all.length > 0) {
    const spoken = [...new Set(all.map((port) => spokenOn(apex, port, services)?.toUpperCase() ?? 'HTTP'))]
    report(diagnostic('AP2160', { ...facts, port: undefined, spoken: spoken.join(' and ') }))
  }
  return fitting
}

function routePorts(
  { output, apex, source, tcpRoutes = [] }: ReadSplit,
  routes: readonly ReadTcpRoute[],
  all: readonly number[],
  report: (problem: Diagnostic) => void,
): number[] {
  const place = { output, source, namespace: apex.namespace }
  const ports = tcpRoutes.flatMap((name): readonly number[] => {
    const route = findTcpRoute(name, place, routes, report)
    if (route === undefined) return []
    const missing = all.length === 0 ? [] : route.ports.filter((port) => !all.includes(port))
    for (const port of missing)
      report(diagnostic('AP2106', { output, apex: serviceName(apex), port, known: all.join(', ') }))
    return route.ports.length === 0 ? all : route.ports
  })
  return [...new Set(ports)].sort((a, b) => a - b)
}

import { sameService } from '../../../src/mesh/service.ts'
import type { ServiceRef, ServiceTraffic, TrafficRule } from '../../../src/mesh/traffic.ts'

/**
 * Generated traffic for another apex and on other ports: all generated traffics speak of one Service and of ports that are taken on most
 * machines, and on the real mesh they live side by side.
 */
export function relocated(
  traffic: ServiceTraffic,
  apex: ServiceRef,
  ports: ReadonlyMap<number, number>,
): ServiceTraffic {
  const here = (port: number) => ports.get(port) ?? port
  const moved = <Place extends { readonly service: ServiceRef; readonly port: number }>(place: Place): Place => ({
    ...place,
    service: sameService(place.service, traffic.service) ? apex : place.service,
    port: here(place.port),
  })
  return {
    service: apex,
    ports: traffic.ports.map(({ port, rules, ...spoken }) => ({
      ...spoken,
      port: here(port),
      rules: rules.map(
        (rule): TrafficRule => ({
          ...rule,
          backends: rule.backends.map(moved),
          ...(rule.mirrors && { mirrors: rule.mirrors.map(moved) }),
        }),
      ),
    })),
  }
}

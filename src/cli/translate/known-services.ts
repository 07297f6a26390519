import type { KubeObject } from '../../kube/object.ts'
import type { Manifest } from '../../manifests/manifest.ts'
import { findService, givenServices, isService } from '../../manifests/services.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { concernsEveryPort, everyPort } from '../../mesh/every-port.ts'
import type { ServiceDirectory } from '../../mesh/routing.ts'
import { sameService, tcpPorts } from '../../mesh/service.ts'
import type { ServiceRef, ServiceTraffic } from '../../mesh/traffic.ts'

/** The port that stands for all of them where the target does not speak of ports. */
const anyPort = 80

/** What the files tell about Services. */
export interface KnownServices {
  readonly given: ServiceDirectory
  isGiven(service: ServiceRef): boolean
  /** Whether the target speaks of ports at all: where it does not, it does not matter which a Service has. */
  readonly portsMatter: boolean
  /** What stands for the ports of a Service that is not given where nothing tells them; undefined where the target has to know. */
  readonly unknownPort: number | undefined
  /**
   * The Services as given; one that is not has the ports that the traffic speaks of, unless the apex and one of its backends are: then they are
   * all there are, besides those that are made along.
   */
  directory(traffic: ServiceTraffic, made?: readonly KubeObject[]): ServiceDirectory
}

export function servicesOf(manifests: readonly Manifest[], target: MeshAdapter): KnownServices {
  const all = manifests.map(({ object }) => object)
  const objects = all.filter(isService)
  const given = givenServices(all)
  const isGiven = (service: ServiceRef) => findService(objects, service) !== undefined
  const portsMatter = target.capabilities.portSplit.support !== 'unsupported'
  return {
    given,
    isGiven,
    portsMatter,
    unknownPort: portsMatter ? target.saysEveryPort && everyPort : anyPort,
    directory: (traffic, made = []) => ({
      ...(isGiven(traffic.service) && given),
      ports: (service) => {
        const own = given.ports(service) ?? givenServices(made).ports(service)
        const backends = traffic.ports.flatMap(({ rules }) => rules.flatMap((rule) => rule.backends))
        const isAnyGiven = backends.some((one) => !sameService(one.service, traffic.service) && isGiven(one.service))
        if (own === undefined && isAnyGiven && isGiven(traffic.service)) return undefined
        // A backend that is given has whichever port is asked for, or has not, as it is with any other.
        if (own !== undefined) return concernsEveryPort(traffic) ? [...own, everyPort] : own
        return askedPorts(service, traffic, isGiven(traffic.service))
      },
    }),
  }
}

/** The ports of a Service that is not given: a backend has those it is asked for, and files without the apex are no list of Services. */
function askedPorts(
  service: ServiceRef,
  { ports, service: apex }: ServiceTraffic,
  isList: boolean,
): readonly number[] | undefined {
  const asked = ports.flatMap(({ rules }) =>
    rules.flatMap(({ backends }) =>
      backends.filter((backend) => sameService(backend.service, service)).map(({ port }) => port),
    ),
  )
  if (isList && asked.length === 0) return undefined
  return isList && !sameService(service, apex) ? asked : [...asked, ...ports.map(({ port }) => port)]
}

/** The directory with a Service's own ports confined to those that a mesh can divide, or to those assumed. */
export function withPorts(service: ServiceRef, services: KnownServices, assumed: readonly number[]): ServiceDirectory {
  const ports = services.isGiven(service) ? (tcpPorts(service, services.given) ?? []) : assumed
  return { ...services.given, ports: (one) => (sameService(one, service) ? ports : services.given.ports(one)) }
}

import type { ServiceRef } from '../../src/mesh/traffic.ts'

/** The name of the route that is written for one port of a Service. */
export function routeName({ name }: ServiceRef, port: number): string {
  return `${name}-${port}`
}

import type { ServiceTraffic } from './traffic.ts'

/**
 * Stands for every port that nothing else is said about, of an apex whose ports nobody knows, and as the port of a backend or of copies
 * for the one that was asked for. No port has this number, and it comes after all that are.
 */
export const everyPort = 65_536

export function concernsEveryPort({ ports }: ServiceTraffic): boolean {
  return ports.some(({ port }) => port === everyPort)
}

import type { Redirect } from './treatment.ts'

/** The port that clients are sent to, who asked on `port`. */
export function redirectPort({ scheme, port }: Redirect, asked: number): number {
  return port ?? (scheme === undefined ? asked : ownPort(scheme))
}

/** Whether that port is the own one of the scheme that clients are sent to, so that a URL goes without it. */
export function isOwnPort(redirect: Redirect, asked: number): boolean {
  return redirectPort(redirect, asked) === ownPort(redirect.scheme ?? 'http')
}

/** Of a URL without a port. */
function ownPort(scheme: 'http' | 'https'): number {
  return scheme === 'https' ? 443 : 80
}

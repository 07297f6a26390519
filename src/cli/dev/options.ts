import type { CalledService } from '../../simulator/local-traffic.ts'
import { UsageError } from '../io.ts'

const usual = { port: 80, rate: 10 } as const

/** What `ap dev` is called with. */
export interface DevOptions {
  readonly cluster: boolean
  readonly context?: string
  readonly namespace?: string
  readonly services: readonly CalledService[]
  readonly errorRates: Readonly<Record<string, number>>
}

/** @throws UsageError for what makes no sense, such as simulated requests to a real cluster */
export function devOptions(options: Readonly<Record<string, unknown>>): DevOptions {
  const { context, namespace } = options
  const cluster = options['cluster'] === true
  const services = texts(options['traffic']).map(calledService)
  const errorRates = Object.fromEntries(texts(options['errors']).map(errorRate))
  if (cluster && (services.length > 0 || Object.keys(errorRates).length > 0))
    throw new UsageError('--traffic and --errors are simulated; a real cluster has requests of its own')
  if (!cluster && (context !== undefined || namespace !== undefined))
    throw new UsageError('--context and --namespace are about a real cluster: add --cluster')
  return {
    cluster,
    services,
    errorRates,
    ...(typeof context === 'string' && { context }),
    ...(typeof namespace === 'string' && { namespace }),
  }
}

function calledService(text: string): CalledService {
  const [, name = '', port, rate] = /^([a-z](?:[-a-z0-9]*[a-z0-9])?)(?::(\d+))?(?:=(\d+(?:\.\d+)?))?$/.exec(text) ?? []
  if (name === '')
    throw new UsageError(`--traffic ${text} is no Service with a rate: such as web, web=20 or web:8080=20`)
  return { name, port: Number(port ?? usual.port), rate: Number(rate ?? usual.rate) }
}

function errorRate(text: string): [image: string, share: number] {
  const end = text.lastIndexOf('=')
  const share = Number(text.slice(end + 1))
  if (end < 1 || text.endsWith('=') || !(share >= 0 && share <= 1))
    throw new UsageError(`--errors ${text} is no image with a share from 0 to 1: such as web-v2=0.2`)
  return [text.slice(0, end), share]
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

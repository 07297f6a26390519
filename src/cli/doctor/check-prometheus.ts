import { systemClock } from '../../kube/clock.ts'
import type { MeshAdapter } from '../../mesh/adapter.ts'
import { PrometheusClient } from '../../metrics/prometheus-client.ts'
import type { PrometheusConfig } from '../../project/project.ts'
import type { Check } from './check.ts'

/**
 * Whether Prometheus answers and has the series that the mesh's queries read. `named`: the user says that it is reached from here. An
 * address of the configuration, inside of the cluster, is usually not, which says nothing about the operator: then it is `unknown`.
 */
export async function checkPrometheus(
  config: PrometheusConfig,
  adapter: MeshAdapter,
  named: boolean,
  signal: AbortSignal,
): Promise<Check[]> {
  const client = new PrometheusClient(config, systemClock)
  const { origin, pathname } = new URL(config.url)
  try {
    const alive = await client.query('vector(1)', signal)
    if ('error' in alive) return [unanswered(alive, named)]
    const names = seriesOf(adapter)
    const counts = await Promise.all(names.map((name) => client.query(`count(${name})`, signal)))
    const missing = names.filter((_name, index) => {
      const answer = counts[index]
      return answer === undefined || 'error' in answer || !answer.value
    })
    const unclear = counts.find((answer) => 'error' in answer)
    const reached: Check = {
      check: 'prometheus',
      state: 'ok',
      text: `Prometheus answers at ${origin}${pathname.replace(/\/+$/, '')}`,
    }
    // Whether it has the series is not known then.
    if (unclear !== undefined) return [reached, unanswered(unclear, named)]
    if (missing.length === 0) {
      return [reached, { check: 'prometheus', state: 'ok', text: `it has ${adapter.name}’s ${names.join(', ')}` }]
    }
    const text = `it has no ${missing.join(', ')}`
    const remedy =
      `Without them every measurement on ${adapter.name} says “no traffic”: let Prometheus scrape the mesh’s proxies, ` +
      'and send a request through the mesh before asking again.'
    return [reached, { check: 'prometheus', state: 'failed', text, remedy }]
  } finally {
    await client.close()
  }
}

function unanswered({ error, reached = true }: { error: string; reached?: boolean }, named: boolean): Check {
  if (reached) {
    const remedy = `The operator would be told the same. Mend ${named ? 'the address, or what autopilot-operator.yaml says besides it' : 'what autopilot-operator.yaml says'} under \`prometheus\`.`
    return { check: 'prometheus', state: 'failed', text: error, remedy }
  }
  if (named) {
    const remedy = 'See that it listens there, and that the `kubectl port-forward` that leads to it still runs.'
    return { check: 'prometheus', state: 'failed', text: error, remedy }
  }
  const remedy =
    'From outside of the cluster, forward its port (`kubectl port-forward`) and name it with --prometheus http://localhost:9090; ' +
    'the operator asks the address in autopilot-operator.yaml (prometheus.url).'
  return { check: 'prometheus', state: 'unknown', text: error, remedy }
}

/** The names of the series that the mesh's queries read. */
function seriesOf({ queries }: MeshAdapter): string[] {
  const target = { workload: { namespace: 'default', name: 'web' } }
  const texts = [queries.successRate(target, '1m'), queries.latency(target, '1m', 0.99)]
  const names = texts.flatMap((text) => [...text.matchAll(/([a-zA-Z_:][\w:]*)\{/g)].flatMap(([, name]) => name ?? []))
  return [...new Set(names)].sort()
}

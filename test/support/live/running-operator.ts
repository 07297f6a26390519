import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../../src/kube/clock.ts'
import { connect } from '../../../src/kube/connect.ts'
import { createOperator, type OperatorDeps } from '../../../src/operator/operator.ts'

type Work = Pick<OperatorDeps, 'project' | 'definition' | 'config' | 'adapter'>

/** Runs an operator on a real cluster, as the user of a kubeconfig, until the test is over. Nothing is measured there. */
export async function runOperator(kubeconfig: string, userAgent: string, work: Work): Promise<void> {
  const { client } = await connect({ kubeconfig, userAgent })
  const operator = createOperator({
    ...work,
    client,
    metrics: { measure: async () => ({ state: 'no-data', text: 'no traffic' }) },
    clock: systemClock,
    random: Math.random,
    log: pino({ level: 'silent' }),
    identity: 'operator',
  })
  const stopping = new AbortController()
  const ended = operator.run(stopping.signal)
  onTestFinished(async () => {
    stopping.abort()
    await ended
    await client.close()
  })
}

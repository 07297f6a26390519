import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Access } from '../support/cluster/client.ts'
import { describeCluster } from '../support/cluster/cluster.ts'
import { writeKubeconfig } from '../support/cluster/kubeconfig.ts'
import { freePort } from '../support/cluster/ports.ts'
import { waitFor } from '../support/cluster/processes.ts'
import { Installation, type LiveOperator } from '../support/live/installation.ts'
import { runAp } from '../support/run-ap.ts'

describeCluster('an operator that cannot work', (cluster) => {
  const operators: LiveOperator[] = []
  afterAll(async () => {
    for (const operator of operators) await operator.stop()
  })

  const start = async (label: string, prepare: (installed: Installation) => Promise<void>) => {
    const installed = await Installation.apply(cluster, 'istio', `${label}-${process.pid}`)
    await prepare(installed)
    const operator = await installed.start({}, { ready: false })
    operators.push(operator)
    return { installed, operator }
  }

  /** Waits until `/readyz` says this, and expects the log to have said it too, without a stack. */
  const untilSaid = async (operator: LiveOperator, problem: RegExp) => {
    await waitFor(
      `it says ${problem}`,
      async () => {
        const { status, text } = await operator.readiness()
        return status === 503 && problem.test(text)
      },
      { processes: [operator.process] },
    )
    const log = await operator.log()
    expect(log.filter((line) => problem.test(JSON.stringify(line)))).not.toEqual([])
    expect(JSON.stringify(log)).not.toMatch(/\\n\s+at /)
  }

  const untilReady = (operator: LiveOperator) =>
    waitFor('it is ready', () => operator.isReady(), { processes: [operator.process] })

  test('where the kinds of its mesh are not installed it says so, and works when they are', async () => {
    const crd = 'virtualservices.networking.istio.io'
    const manifest = await cluster.kubectl(['get', 'crd', crd, '-o', 'json'])
    const { operator } = await start('unmeshed', async () => {
      await cluster.kubectl(['delete', 'crd', crd, '--timeout=60s'])
    })
    try {
      await untilSaid(operator, /AP2225 the cluster does not serve v1 of virtualservices.networking.istio.io/)
    } finally {
      const { metadata, spec } = JSON.parse(manifest)
      const stdin = JSON.stringify({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: metadata.name, annotations: metadata.annotations },
        spec,
      })
      await cluster.kubectl(['apply', '--server-side', '-f', '-'], { stdin })
      await cluster.established(crd)
    }
    await untilReady(operator)
  })

  test('without rights it says which it lacks, and works when it has them', async () => {
    const { installed, operator } = await start('rightless', async ({ namespace }) => {
      const label = namespace.replace('operator-', '')
      await cluster.kubectl(['delete', 'clusterrolebinding', `canary-operator-istio-${label}`])
    })
    // It names the first kind that it was refused; which one that is, is a race.
    await untilSaid(operator, /AP3011 .* may not list (virtualservices|destinationrules|\w+routes)\./)
    await installed.apply()
    await untilReady(operator)
  })

  test('when its token is refused it stays up and says so, and goes on with a new one', async () => {
    const { installed, operator } = await start('expired', async (installation) => installation.useTokenFile())
    await untilReady(operator)
    await cluster.kubectl(['-n', installed.namespace, 'delete', 'serviceaccount', installed.accountName])
    await untilLogged(operator, /AP3010 .* does not accept the credentials/)
    await installed.apply()
    await installed.useTokenFile()
    const renewed = await renewal(installed.namespace)
    await waitFor('the Lease is renewed', async () => (await renewal(installed.namespace)) !== renewed, {
      timeout: 90_000,
    })
  })

  const renewal = (namespace: string) =>
    cluster.kubectl(['-n', namespace, 'get', 'lease', 'canary-operator', '-o', 'jsonpath={.spec.renewTime}'])

  const untilLogged = (operator: LiveOperator, line: RegExp) =>
    waitFor(`it logs ${line}`, async () => line.test(JSON.stringify(await operator.log())), {
      processes: [operator.process],
    })

  test('a kubeconfig that leads nowhere, or with a token that is refused, ends it with one line that says so', async () => {
    const kubeconfig = join(cluster.facts.folder, 'wrong.kubeconfig')
    const run = async (access: Access) => {
      await writeKubeconfig(kubeconfig, access)
      const { code, stdout, stderr } = await runAp(['run', 'operators/canary', '--kubeconfig', kubeconfig])
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      return stderr
    }
    const { ca, url } = cluster.admin
    const nowhere = await run({ url: `https://127.0.0.1:${await freePort()}`, ca })
    expect(nowhere).toMatch(/^AP3001 the API server at https:\S+ cannot be reached: connection refused\. [^\n]*\n$/)
    const refused = await run({ url, ca, token: 'invented' })
    expect(refused).toMatch(/^AP3010 \S+ does not accept the credentials of \S+: [^\n]*\n$/)
  })
})

import { createControlPlane } from '../../src/apiserver/control-plane.ts'
import { systemClock } from '../../src/kube/clock.ts'
import { HttpClient } from '../../src/kube/http-client.ts'
import { InProcessTransport } from '../../src/kube/in-process-transport.ts'
import type { RequestFacts } from '../../src/kube/transport.ts'
import { applierSuite } from './support/applier-suite.ts'

applierSuite('on the embedded control plane', async () => {
  const plane = createControlPlane()
  const calls: RequestFacts[] = []
  const transport = new InProcessTransport(plane.handle.bind(plane), { onRequest: (facts) => calls.push(facts) })
  return {
    client: new HttpClient(transport, { clock: systemClock, random: Math.random }),
    calls,
    close: () => plane.close(),
  }
})

import type { Transport } from '../../../src/kube/transport.ts'

/** A process that dies at its n-th call: the server has carried it out (`after`) or never saw it. */
export function dyingAt(call: number, after: boolean, die: () => void) {
  let calls = 0
  return (send: Transport['send']): Transport['send'] =>
    async (request) => {
      if (++calls < call) return send(request)
      if (after) await send(request)
      die()
      throw new Error('the process is dead')
    }
}

import { beforeAll, describe, inject } from 'vitest'
import { DataPlane } from './data-plane.ts'

/** A suite on the real mesh; skipped where there is none, which happens to users only. */
export function describeDataPlane(name: string, body: (mesh: DataPlane) => void): void {
  const given = inject('dataPlane')
  if ('missing' in given) {
    describe.skip(name)
    return
  }
  describe(name, () => {
    const mesh = new DataPlane(given)
    // A clean-up of the first hook comes last of all, so that nothing of the suite is still sending when its connections are cut.
    beforeAll(() => () => mesh.close())
    body(mesh)
  })
}

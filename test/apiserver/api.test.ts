import { createControlPlane } from '../../src/apiserver/control-plane.ts'
import { apiSuite } from '../support/api-suite/suite.ts'

apiSuite(
  'the embedded control plane',
  async () => {
    const plane = createControlPlane()
    const { url } = await plane.listen()
    return { url, token: plane.token, close: () => plane.close() }
  },
  { controllers: true },
)

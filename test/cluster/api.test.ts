import { apiSuite } from '../support/api-suite/suite.ts'
import { describeCluster } from '../support/cluster/cluster.ts'

/** What the embedded control plane is held against: where the two differ, it is the embedded one that is wrong. */
describeCluster('a kube-apiserver', (cluster) => {
  apiSuite(
    'answers as the embedded control plane does',
    async () => {
      const { url, ca, token = '' } = cluster.admin
      return { url, ca, token }
    },
    { controllers: true },
  )
})

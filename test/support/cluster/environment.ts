import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the machine and its user say about how the cluster suites run. The only place of these suites that reads the environment. */
export interface ClusterEnvironment {
  /** In CI a missing counterpart is an error; for a user the suites that need it are skipped. */
  readonly ci: boolean
  /** Folder that keeps built binaries between runs. */
  readonly cache: string
  /** Folder with `etcd`, `kube-apiserver` and perhaps `kube-controller-manager`, used instead of building them. */
  readonly assets: string | undefined
  /** A folder of CRD files to install as well; Linkerd's and SMI's are found there. */
  readonly crds: string | undefined
  /** The Prometheus to run; `promtool` is looked for beside it. */
  readonly prometheus: string | undefined
}

/**
 * Reads, once per call: `CI`, `AUTOPILOT_CACHE`, `XDG_CACHE_HOME`, `KUBEBUILDER_ASSETS`, `AUTOPILOT_TEST_CRDS`, `PROMETHEUS_BIN`.
 * An empty variable counts as unset.
 */
export function clusterEnvironment(variables: NodeJS.ProcessEnv = process.env): ClusterEnvironment {
  const caches = variables.XDG_CACHE_HOME || join(homedir(), '.cache')
  return {
    ci: variables.CI === 'true' || variables.CI === '1',
    cache: variables.AUTOPILOT_CACHE || join(caches, 'mesh-autopilot'),
    assets: variables.KUBEBUILDER_ASSETS || undefined,
    crds: variables.AUTOPILOT_TEST_CRDS || undefined,
    prometheus: variables.PROMETHEUS_BIN || undefined,
  }
}

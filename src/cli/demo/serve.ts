import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Simulation } from '../../simulator/simulation.ts'
import { exitCode } from '../io.ts'
import { namespace } from './podinfo.ts'

/** Leaves the simulated cluster running, for kubectl, until the run is interrupted. The kubeconfig is for this user's eyes only. */
export async function serve(
  simulation: Simulation,
  out: NodeJS.WritableStream,
  { speed }: { readonly speed: number },
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'ap-demo-'))
  const kubeconfig = join(folder, 'kubeconfig')
  try {
    await writeFile(kubeconfig, await simulation.serve(), { mode: 0o600 })
    out.write(
      [
        '',
        `The control plane is running. Its kubeconfig is ${kubeconfig}`,
        `  kubectl --kubeconfig ${kubeconfig} -n ${namespace} get canarydeployments -w`,
        `  kubectl --kubeconfig ${kubeconfig} -n ${namespace} set image deployment/podinfo podinfod=stefanprodan/podinfo:6.7.0`,
        'Ctrl-C ends it.',
        '',
      ].join('\n'),
    )
    simulation.clock.setSpeed(speed)
    await simulation.runUntil(() => false, Number.POSITIVE_INFINITY)
    return exitCode.interrupted
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

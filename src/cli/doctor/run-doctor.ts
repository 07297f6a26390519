import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { textOf } from '../../mesh/fields.ts'
import { atCluster } from '../cluster/at-cluster.ts'
import { type OperatorHere, operatorHere } from '../cluster/operator-here.ts'
import { pluralName } from '../cluster/resource-kind.ts'
import { columnsOf, wrap } from '../columns.ts'
import { type Colors, colorsFor } from '../demo/paint.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { packageVersion } from '../package.ts'
import { type Check, failed } from './check.ts'
import { checkMeshes, checkOperator } from './check-cluster.ts'
import { checkEnrollment } from './check-enrollment.ts'
import { checkPrometheus } from './check-prometheus.ts'

/** `ap doctor`: what keeps a project from running here, each with what to do; 1 when something does. */
export async function runDoctor(
  [folder = '.']: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['text', 'json'])
  const prometheus = textOf(options['prometheus'])
  if (prometheus !== undefined && !/^https?:$/.test(URL.parse(prometheus)?.protocol ?? '')) {
    throw new UsageError(`--prometheus ${prometheus} is no address such as http://localhost:9090`)
  }
  const node: Check = { check: 'node', state: 'ok', text: `Node ${process.versions.node}, ap ${packageVersion()}` }
  const { here, check: project } = await readProject(folder, io, providers)
  const checks: Check[] = [node, project]
  const interrupted = await checkCluster(checks, { here, options, io, providers })
  if (here !== undefined && !io.signal.aborted) {
    const { config, adapter } = here
    const url = prometheus ?? config.prometheus.url
    checks.push(...(await checkPrometheus({ ...config.prometheus, url }, adapter, prometheus !== undefined, io.signal)))
  }
  if (interrupted || io.signal.aborted) return exitCode.interrupted
  const colors = colorsFor(io.stdout.isTTY === true, io.env)
  io.stdout.write(
    format === 'json' ? `${JSON.stringify({ checks }, null, 2)}\n` : describe(checks, columnsOf(io, 100), colors),
  )
  return checks.some(({ state }) => state === 'failed') ? exitCode.failed : exitCode.ok
}

async function readProject(folder: string, io: CommandIo, providers: readonly MeshProvider[]) {
  if (!existsSync(join(resolve(io.cwd, folder), 'autopilot.yaml'))) {
    const check: Check = {
      check: 'project',
      state: 'unknown',
      text: `${resolve(io.cwd, folder)} has no autopilot.yaml`,
      remedy: 'Call it in a project, or begin one with `ap init`.',
    }
    return { here: undefined, check }
  }
  try {
    const here = await operatorHere(folder, io, providers)
    const { project, adapter } = here
    const text = `${project.operatorName} for ${pluralName(project)}, on ${adapter.name}`
    return { here, check: { check: 'project', state: 'ok', text } satisfies Check }
  } catch (error) {
    const [problem] = error instanceof DiagnosticError ? error.diagnostics : []
    if (problem === undefined) throw error
    return { here: undefined, check: failed('project', problem) }
  }
}

interface ClusterQuestion {
  readonly here: OperatorHere | undefined
  readonly options: Readonly<Record<string, unknown>>
  readonly io: CommandIo
  readonly providers: readonly MeshProvider[]
}

/** Adds what the cluster says, up to where it says nothing more. Whether it was interrupted. */
async function checkCluster(checks: Check[], { here, options, io, providers }: ClusterQuestion): Promise<boolean> {
  try {
    const code = await atCluster(options, io, async (connection) => {
      const { client, context, serverVersion } = connection
      const server = client.server.replace(/\/\/[^/@]*@/, '//')
      checks.push({ check: 'cluster', state: 'ok', text: `${context}: Kubernetes ${serverVersion} at ${server}` })
      checks.push(...(await checkMeshes(connection, here, providers)))
      if (here !== undefined) checks.push(...(await checkEnrollment(connection, here)))
      if (here !== undefined) {
        const namespace = textOf(options['namespace']) ?? here.project.operatorName
        checks.push(...(await checkOperator(connection, here, namespace, io.signal)))
      }
      return exitCode.ok
    })
    return code === exitCode.interrupted
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error
    checks.push(...error.diagnostics.map((problem) => failed('cluster', problem)))
    return false
  }
}

const words = { ok: 'ok', failed: 'FAIL', unknown: '?' } as const

function describe(checks: readonly Check[], width: number, colors: Colors): string {
  const paints = { ok: colors.green, failed: colors.red, unknown: colors.yellow }
  const gap = 6
  const lines = checks.flatMap(({ state, text, remedy }) => {
    const [first = '', ...rest] = wrap(text, Math.max(20, width - gap))
    const advice = remedy === undefined ? [] : wrap(remedy, Math.max(20, width - gap))
    return [
      paints[state](words[state].padEnd(gap)) + first,
      ...[...rest, ...advice.map((line) => colors.dim(line))].map((line) => ' '.repeat(gap) + line),
    ]
  })
  return `${lines.join('\n')}\n`
}

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import pino from 'pino'
import { createContainer, createMetrics, meshProviders, operatorModule, tokens } from '../container.ts'
import { connect } from '../kube/connect.ts'
import { adapterModule } from '../mesh/adapter-module.ts'
import { type ClosableSource, CurrentSource } from '../metrics/current-source.ts'
import type { Operator } from '../operator/operator.ts'
import { loadOperatorConfig, loadProject } from '../project/load.ts'
import { didYouMean } from '../project/nearest.ts'
import type { OperatorConfig } from '../project/project.ts'
import { watchOperatorConfig } from '../project/watch.ts'
import { type CommandIo, exitCode, Interruption, UsageError } from './io.ts'
import { loadDefinition } from './load-definition.ts'
import { packageVersion } from './package.ts'

/** Options of `ap run`; each goes before what the configuration file says. */
export interface RunOptions {
  readonly config?: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace?: string
  readonly mesh?: string
  readonly metricsAddr?: string
}

/**
 * Runs the operator of the project in `folder` until the signal aborts: 0 after a clean stop, as a supervisor expects it, but 130 after Ctrl-C. Logs are JSON lines on stdout. Measurements are
 * those of `simulated` where it is given, whatever the configuration says.
 *
 * @throws DiagnosticError for what is wrong with the project, its configuration, or the way to the cluster; nothing has been
 * written then
 */
export async function runOperator(
  folder: string,
  options: RunOptions,
  io: CommandIo,
  simulated?: ClosableSource,
): Promise<number> {
  const path = resolve(io.cwd, folder)
  const { project } = await loadProject(path)
  const definition = await loadDefinition(path)
  const container = createContainer()
  await container.load(...(definition.meshes ?? []).map(adapterModule))
  const meshes = meshProviders(container)
  const knownMeshes = meshes.map(({ name }) => name)
  const override = overrides(options, knownMeshes)
  const configFile =
    options.config === undefined ? join(path, 'autopilot-operator.yaml') : resolve(io.cwd, options.config)
  const surroundings = { knownMeshes, env: io.env }

  const fileConfig = await loadOperatorConfig(configFile, surroundings)
  const log = pino({ base: { operator: project.operatorName } }, pino.destination({ dest: 1, sync: true }))

  let operator: Operator | undefined
  const { client, namespace } = await connect({
    env: io.env,
    kubeconfig: options.kubeconfig === undefined ? undefined : resolve(io.cwd, options.kubeconfig),
    context: options.context,
    userAgent: `${project.operatorName}/${packageVersion()}`,
    onRequest: (facts) => operator?.telemetry.onRequest(facts),
  })
  try {
    const config = { ...override(fileConfig), ...leaseNamespace(override(fileConfig), namespace) }
    const identity = `${hostname()}_${randomUUID()}`
    await container.load(operatorModule({ project, definition, config, client, log, identity }))
    const clock = container.get(tokens.clock)
    const metrics = new CurrentSource(simulated ?? container.get(tokens.metrics))
    ;(await container.rebind(tokens.metrics)).toConstantValue(metrics)
    const running = container.get(tokens.operator)
    operator = running

    const stopped = new AbortController()
    const watching = watchOperatorConfig(configFile, fileConfig, {
      ...surroundings,
      clock,
      signal: AbortSignal.any([io.signal, stopped.signal]),
      onChange(edited) {
        const next = override(edited)
        if (simulated === undefined) void metrics.exchange(createMetrics(meshes, next, clock))
        running.reconfigure({ ...next, ...leaseNamespace(next, namespace) })
      },
      onInvalid: (diagnostics) => running.configRefused(diagnostics),
    })
    try {
      await running.run(io.signal)
    } finally {
      stopped.abort()
      await watching
      await metrics.close()
    }
  } finally {
    await client.close()
  }
  const { reason } = io.signal
  return reason instanceof Interruption && reason.by === 'SIGINT' ? exitCode.interrupted : exitCode.ok
}

/** What the command line says goes before the file, also after the file was edited. */
function overrides(options: RunOptions, knownMeshes: readonly string[]): (config: OperatorConfig) => OperatorConfig {
  const { metricsAddr, namespace } = options
  const mesh = options.mesh?.toLowerCase()
  if (mesh !== undefined && !knownMeshes.includes(mesh)) {
    const hint = didYouMean(mesh, knownMeshes)
    throw new UsageError(`there is no mesh ${JSON.stringify(mesh)}${hint}; there are ${knownMeshes.join(', ')}`)
  }
  return (config) => ({
    ...config,
    ...(mesh !== undefined && {
      meshProvider: mesh,
      metricsProvider: config.metricsProvider === config.meshProvider ? mesh : config.metricsProvider,
    }),
    ...(namespace !== undefined && { watchNamespace: namespace }),
    ...(metricsAddr !== undefined && { metricsAddr }),
  })
}

/** Without a word about it, the Lease is where the operator watches, else where its pod or its context is. */
function leaseNamespace(
  config: OperatorConfig,
  own: string | undefined,
): Pick<OperatorConfig, 'leaderElectionNamespace'> {
  return { leaderElectionNamespace: config.leaderElectionNamespace || config.watchNamespace || own || 'default' }
}

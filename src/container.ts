import { Container, ContainerModule, type ServiceIdentifier } from 'inversify'
import type { Logger } from 'pino'
import type { KubeClient } from './kube/client.ts'
import { type Clock, systemClock } from './kube/clock.ts'
import type { MeshAdapter, MeshProvider } from './mesh/adapter.ts'
import { adapterModule, MeshProviderToken } from './mesh/adapter-module.ts'
import type { Installed } from './mesh/installed.ts'
import { builtInMeshes } from './meshes.ts'
import type { ClosableSource } from './metrics/current-source.ts'
import { PrometheusSource } from './metrics/prometheus-source.ts'
import type { OperatorDefinition } from './operator/definition.ts'
import { createOperator, type Operator } from './operator/operator.ts'
import { configuredAdapter } from './project/configured-adapter.ts'
import type { OperatorConfig, Project } from './project/project.ts'

/** What an operator is made of. Whoever wants another part in its place binds it anew before resolving `tokens.operator`. */
export const tokens = {
  project: token<Project>('Project'),
  definition: token<OperatorDefinition>('OperatorDefinition'),
  config: token<OperatorConfig>('OperatorConfig'),
  client: token<KubeClient>('KubeClient'),
  clock: token<Clock>('Clock'),
  log: token<Logger>('Logger'),
  identity: token<string>('Identity'),
  /** The mesh before anything is known of the cluster. Whoever binds another one binds `adapterFor` as well. */
  adapter: token<MeshAdapter>('MeshAdapter'),
  /** The mesh for what a cluster has. */
  adapterFor: token<(installed: Installed) => MeshAdapter>('MeshAdapterFor'),
  metrics: token<ClosableSource>('MetricsSource'),
  operator: token<Operator>('Operator'),
}

/** What only the caller knows. */
export interface OperatorParts {
  readonly project: Project
  readonly definition: OperatorDefinition
  readonly config: OperatorConfig
  readonly client: KubeClient
  readonly log: Logger
  readonly identity: string
}

/**
 * The composition root: the one place that puts parts together. A third party's mesh is one more module,
 * loaded into the container that this returns.
 */
export function createContainer(): Container {
  const container = new Container({ defaultScope: 'Singleton' })
  container.load(...builtInMeshes.map(adapterModule))
  return container
}

/** Every mesh that is registered. */
export function meshProviders(container: Container): MeshProvider[] {
  return container.getAll(MeshProviderToken)
}

/** Wires one operator: mesh and metrics by the words of its configuration, everything on the system's clock. */
export function operatorModule(parts: OperatorParts): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.project).toConstantValue(parts.project)
    bind(tokens.definition).toConstantValue(parts.definition)
    bind(tokens.config).toConstantValue(parts.config)
    bind(tokens.client).toConstantValue(parts.client)
    bind(tokens.log).toConstantValue(parts.log)
    bind(tokens.identity).toConstantValue(parts.identity)
    bind(tokens.clock).toConstantValue(systemClock)
    const providers = { serviceIdentifier: MeshProviderToken, isMultiple: true } as const
    bind(tokens.adapter).toResolvedValue(
      (meshes: MeshProvider[], config: OperatorConfig) => configuredAdapter(meshes, config.meshProvider, config),
      [providers, tokens.config],
    )
    bind(tokens.adapterFor).toResolvedValue(
      (meshes: MeshProvider[], config: OperatorConfig) => (installed: Installed) =>
        configuredAdapter(meshes, config.meshProvider, config, installed),
      [providers, tokens.config],
    )
    bind(tokens.metrics).toResolvedValue(createMetrics, [providers, tokens.config, tokens.clock])
    bind(tokens.operator).toResolvedValue(
      (project, definition, config, client, adapter, adapterFor, metrics, clock, log, identity) =>
        createOperator({
          project,
          definition,
          config,
          client,
          adapter,
          adapterFor,
          metrics,
          clock,
          log,
          identity,
          random: Math.random,
        }),
      [
        tokens.project,
        tokens.definition,
        tokens.config,
        tokens.client,
        tokens.adapter,
        tokens.adapterFor,
        tokens.metrics,
        tokens.clock,
        tokens.log,
        tokens.identity,
      ],
    )
  })
}

/** Measurements as a configuration asks for them: from its Prometheus, by the queries of its metrics provider. */
export function createMetrics(meshes: MeshProvider[], config: OperatorConfig, clock: Clock): PrometheusSource {
  const { queries } = configuredAdapter(meshes, config.metricsProvider, config)
  return new PrometheusSource(config.prometheus, queries, clock)
}

function token<T>(name: string): ServiceIdentifier<T> {
  return Symbol.for(`mesh-autopilot.${name}`)
}

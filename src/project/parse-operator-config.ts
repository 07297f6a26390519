import operatorSchema from '../../schemas/autopilot-operator.schema.json' with { type: 'json' }
import { diagnostic } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import { type FaultBackendPod, usualFaultBackendPod } from '../mesh/fault-backend-objects.ts'
import { textsOf } from '../mesh/fields.ts'
import { byPosition } from './by-position.ts'
import { parseDuration } from './duration.ts'
import { field, flagField, textField } from './fields.ts'
import { didYouMean } from './nearest.ts'
import { describePointer } from './pointer.ts'
import type { OperatorConfig, PrometheusConfig } from './project.ts'
import { shapeCheck } from './schema.ts'
import { readYaml, type YamlSource } from './yaml-source.ts'

/** What the text of a configuration alone does not say. */
export interface ConfigSurroundings {
  /** Names of the adapters there are; `meshProvider` and `metricsProvider` are one of them. */
  readonly knownMeshes: readonly string[]
  /** The environment; only WATCH_NAMESPACE is looked at, and only if the file has no `watchNamespace`. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** setTimeout's bound: longer waits would fire at once. */
const longestWait = 2 ** 31 - 1

const checkShape = shapeCheck(operatorSchema)

/**
 * Reads the text of an autopilot-operator.yaml and fills in the defaults of the original; `file` is how diagnostics call it.
 * Throws a DiagnosticError with everything that is wrong, in the order of the file, and never anything else.
 */
export function parseOperatorConfig(text: string, file: string, surroundings: ConfigSurroundings): OperatorConfig {
  const source = readYaml(text, file)
  const fields = new ConfigFields(source, surroundings)
  const config = fields.config()
  const errors = [...checkShape(source), ...fields.problems]
  if (errors.length > 0) throw new DiagnosticError(byPosition(errors))
  return config
}

class ConfigFields {
  readonly problems: Diagnostic[] = []
  readonly #source: YamlSource
  readonly #surroundings: ConfigSurroundings

  constructor(source: YamlSource, surroundings: ConfigSurroundings) {
    this.#source = source
    this.#surroundings = surroundings
  }

  config(): OperatorConfig {
    const { value } = this.#source
    const controlPlaneNs = textField(value, 'controlPlaneNs') || 'istio-system'
    const meshProvider = this.#mesh('meshProvider', 'istio')
    const watchNamespace = textField(value, 'watchNamespace') || this.#surroundings.env?.['WATCH_NAMESPACE'] || ''
    const logLevel = field(value, 'logLevel')
    const trustDomain = textField(value, 'trustDomain')
    return {
      version: textField(value, 'version') || '0.0.1',
      meshProvider,
      controlPlaneNs,
      workInterval: this.#duration('/workInterval', 5_000),
      metricsAddr: this.#address('/metricsAddr', ':9091'),
      enableLeaderElection: flagField(value, 'enableLeaderElection', true),
      watchNamespace,
      leaderElectionNamespace: textField(value, 'leaderElectionNamespace') || watchNamespace,
      logLevel: typeof logLevel === 'number' ? logLevel : 1,
      metricsProvider: this.#mesh('metricsProvider', meshProvider),
      clusterDomain: textField(value, 'clusterDomain') || 'cluster.local',
      ...(trustDomain !== '' && { trustDomain }),
      meshApiVersions: textMap(field(value, 'meshApiVersions')),
      prometheus: this.#prometheus(controlPlaneNs),
      faultBackend: this.#faultBackend(),
    }
  }

  #faultBackend(): FaultBackendPod {
    const value = field(this.#source.value, 'faultBackend')
    return {
      image: textField(value, 'image') || usualFaultBackendPod.image,
      imagePullSecrets: textsOf(field(value, 'imagePullSecrets')),
    }
  }

  #prometheus(controlPlaneNs: string): PrometheusConfig {
    const value = field(this.#source.value, 'prometheus')
    const bearerTokenFile = textField(value, 'bearerTokenFile')
    const caFile = textField(value, 'caFile')
    return {
      url: this.#url('/prometheus/url', `http://prometheus.${controlPlaneNs}:9090`),
      timeout: this.#duration('/prometheus/timeout', 5_000),
      insecureSkipVerify: flagField(value, 'insecureSkipVerify'),
      ...(bearerTokenFile !== '' && { bearerTokenFile }),
      ...(caFile !== '' && { caFile }),
    }
  }

  /** A mesh in any case is the adapter's name; an unknown one is told together with those that there are. */
  #mesh(name: string, fallback: string): string {
    const mesh = textField(this.#source.value, name) || fallback
    const { knownMeshes } = this.#surroundings
    const known = knownMeshes.find((candidate) => candidate.toLowerCase() === mesh.toLowerCase())
    if (known !== undefined) return known
    // A default that is not there is the fault of the field that could name another one.
    const written = textField(this.#source.value, name) !== ''
    if (written || name === 'meshProvider') {
      const facts = { field: name, mesh, hint: didYouMean(mesh, knownMeshes), known: knownMeshes.join(', ') }
      this.problems.push(diagnostic('AP1301', facts, this.#source.at(`/${name}`)))
    }
    return mesh.toLowerCase()
  }

  #duration(pointer: string, fallback: number): number {
    const text = this.#text(pointer)
    if (text === undefined) return fallback
    const duration = parseDuration(text)
    if (duration !== undefined && duration >= 1 && duration <= longestWait) return duration
    this.#refuse(pointer, text, 'a duration from 1ms to 24 days, such as 500ms, 5s, 1m or 1h30m')
    return fallback
  }

  #address(pointer: string, fallback: string): string {
    const text = this.#text(pointer)
    if (text === undefined || text === '') return text ?? fallback
    const match = /^([A-Za-z0-9.-]*|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(text)
    if (match === null || Number(match[2]) > 65_535) {
      this.#refuse(pointer, text, 'host:port or :port, such as :9091, or empty')
    }
    return text
  }

  #url(pointer: string, fallback: string): string {
    const text = this.#text(pointer)
    if (text === undefined || text === '') return fallback
    const url = URL.canParse(text) ? new URL(text) : undefined
    const good = url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === ''
    if (!good) this.#refuse(pointer, text, 'a base address, such as http://prometheus.istio-system:9090')
    return text
  }

  #text(pointer: string): string | undefined {
    const value = pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((parent, name) => field(parent, name), this.#source.value)
    return typeof value === 'string' ? value : undefined
  }

  #refuse(pointer: string, value: string, expected: string): void {
    const facts = { place: describePointer(pointer), value: JSON.stringify(value), expected }
    this.problems.push(diagnostic('AP1104', facts, this.#source.at(pointer)))
  }
}

function textMap(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === 'string'))
}

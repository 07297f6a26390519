import configSchema from '../../schemas/autopilot-operator.schema.json' with { type: 'json' }

const free = { type: 'object' }
const list = { type: 'array' }
const ports = { type: 'array', items: { type: 'integer', minimum: 1, maximum: 65_535 } }

/** `values.schema.json`: Helm refuses values that do not fit, such as a mesh that the chart has no rights for. */
export function valuesSchema(meshes: readonly string[]): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...object({
      mesh: { description: 'The mesh that the workflow runs on', enum: meshes },
      image: object({
        repository: { type: 'string', minLength: 1 },
        tag: { type: 'string' },
        digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
        pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      }),
      imagePullSecrets: list,
      replicas: { type: 'integer', minimum: 0 },
      config: operatorConfig(),
      nameOverride: { type: 'string', maxLength: 52, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
      podAnnotations: { type: 'object', additionalProperties: { type: 'string' } },
      resources: free,
      nodeSelector: free,
      tolerations: list,
      affinity: free,
      networkPolicy: object({
        enabled: { type: 'boolean' },
        apiServerPorts: ports,
        prometheusPorts: ports,
        egress: list,
      }),
      podDisruptionBudget: object({ enabled: { type: 'boolean' } }),
      serviceMonitor: object({
        enabled: { type: 'boolean' },
        interval: { type: 'string', pattern: '^([0-9]+(ms|s|m|h))+$' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      }),
      // Helm's own, when the chart is a part of another.
      global: free,
    }),
    required: ['mesh', 'image', 'config'],
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

function object(properties: Readonly<Record<string, unknown>>): object {
  return { type: 'object', additionalProperties: false, properties }
}

/** The mesh is a value of its own: it has to fit the rights. */
function operatorConfig(): object {
  const { meshProvider, ...properties } = configSchema.properties
  return { ...object(properties), description: configSchema.description }
}

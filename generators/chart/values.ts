import { parse } from 'yaml'
import { apiServerPorts, prometheusPorts } from '../deploy/network-policy.ts'
import { type DeployInputs, manifestText } from '../kustomize.ts'
import { indented } from './helper-templates.ts'

/** `values.yaml`: what a release may choose, with the project's own configuration as defaults. */
export function chartValues({ project, config, configText, meshes }: DeployInputs): string {
  const { operatorName } = project
  const names = meshes.map(({ name }) => name)
  return `# The mesh that the workflow runs on: ${names.join(', ')}.
mesh: ${names.includes(config.meshProvider) ? config.meshProvider : names[0]}

image:
  repository: ${operatorName}
  # The chart's appVersion when left out.
  tag: ""
  # sha256:…; instead of the tag.
  digest: ""
  pullPolicy: IfNotPresent
imagePullSecrets: []

# With more than one, leader election lets one work while the others wait.
replicas: 1

# autopilot-operator.yaml without meshProvider. The operator reads it again when it changes.
config:
${indented(manifestText({ ...operatorConfig(configText), ...used(config) }))}
# Names everything; that of the release when left out.
nameOverride: ""
podAnnotations: {}
resources:
  requests:
    cpu: 50m
    memory: 128Mi
  limits:
    memory: 512Mi
nodeSelector: {}
tolerations: []
affinity: {}

networkPolicy:
  enabled: true
  apiServerPorts: [${apiServerPorts.join(', ')}]
  # That of config.prometheus.url is added.
  prometheusPorts: [${prometheusPorts(config.prometheus).join(', ')}]
  # Further rules, for what workers call besides.
  egress: []

podDisruptionBudget:
  enabled: true

# For clusters with the Prometheus operator.
serviceMonitor:
  enabled: false
  interval: 30s
  # What the Prometheus resource selects ServiceMonitors by.
  labels: {}
`
}

function operatorConfig(text: string): object {
  const { meshProvider, ...others } = parse(text) ?? {}
  return others
}

/** What the templates look at is there, whether or not the project says it. */
function used({ metricsAddr, enableLeaderElection, watchNamespace }: DeployInputs['config']): object {
  return { metricsAddr, enableLeaderElection, watchNamespace }
}

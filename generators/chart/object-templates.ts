import { head } from './helper-templates.ts'

/** `templates/service-account.yaml`. The token is mounted by the operator's own pod only. */
export function serviceAccountTemplate(chart: string): string {
  return `${head(chart, 'v1', 'ServiceAccount')}automountServiceAccountToken: false
`
}

/** `templates/config.yaml`: the values under \`config\` and the mesh are the operator's autopilot-operator.yaml. */
export function configTemplate(chart: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "${chart}.name" . }}-config
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "${chart}.labels" . | nindent 4 }}
data:
  autopilot-operator.yaml: |
    meshProvider: {{ .Values.mesh }}
    {{- toYaml .Values.config | nindent 4 }}
`
}

/** What stands around the pods, each where its values ask for it. */
export function networkTemplates(chart: string): [string, string][] {
  const selected = (indent: number) => `{{- include "${chart}.selector" . | nindent ${indent} }}`
  return [
    [
      'templates/service.yaml',
      `{{- $port := include "${chart}.metricsPort" . }}
{{- if $port }}
${head(chart, 'v1', 'Service')}spec:
  selector:
    ${selected(4)}
  ports:
    - name: metrics
      port: {{ $port }}
      targetPort: metrics
      protocol: TCP
{{- end }}
`,
    ],
    [
      'templates/service-monitor.yaml',
      `{{- if and .Values.serviceMonitor.enabled (include "${chart}.metricsPort" .) }}
${head(chart, 'monitoring.coreos.com/v1', 'ServiceMonitor')}    {{- with .Values.serviceMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      ${selected(6)}
  endpoints:
    - port: metrics
      interval: {{ .Values.serviceMonitor.interval }}
{{- end }}
`,
    ],
    [
      'templates/disruption-budget.yaml',
      `{{- if .Values.podDisruptionBudget.enabled }}
${head(chart, 'policy/v1', 'PodDisruptionBudget')}spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      ${selected(6)}
{{- end }}
`,
    ],
    [
      'templates/network-policy.yaml',
      `{{- if .Values.networkPolicy.enabled }}
${head(chart, 'networking.k8s.io/v1', 'NetworkPolicy')}spec:
  podSelector:
    matchLabels:
      ${selected(6)}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- with include "${chart}.metricsPort" . }}
    - ports:
        - { port: {{ . }}, protocol: TCP }
    {{- else }} []
    {{- end }}
  egress:
    # Names.
    - ports:
        - { port: 53, protocol: UDP }
        - { port: 53, protocol: TCP }
    # The API server, which is no pod and can be named by its port only.
    - ports:
        {{- range .Values.networkPolicy.apiServerPorts }}
        - { port: {{ . }}, protocol: TCP }
        {{- end }}
    # Prometheus.
    - ports:
        {{- range include "${chart}.prometheusPorts" . | fromJsonArray }}
        - { port: {{ . }}, protocol: TCP }
        {{- end }}
    {{- with .Values.networkPolicy.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
`,
    ],
  ]
}

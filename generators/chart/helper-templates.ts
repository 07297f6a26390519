/** `templates/_helpers.tpl`: names and labels, under the chart's own name, because names of templates are known to all charts of a release. */
export function helperTemplates(chart: string): string {
  return `{{/* What everything of a release is named. */}}
{{- define "${chart}.name" -}}
{{ .Values.nameOverride | default .Release.Name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/* What selects the operator's pods. */}}
{{- define "${chart}.selector" -}}
app.kubernetes.io/name: ${chart}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "${chart}.labels" -}}
{{ include "${chart}.selector" . }}
app.kubernetes.io/part-of: mesh-autopilot
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The port of metrics and health checks; empty when they are turned off. */}}
{{- define "${chart}.metricsPort" -}}
{{ regexFind "[0-9]+$" (.Values.config.metricsAddr | default "") }}
{{- end }}

{{/* The ports of Prometheus' pods, and that of the address it is asked at; as JSON. */}}
{{- define "${chart}.prometheusPorts" -}}
{{- $ports := .Values.networkPolicy.prometheusPorts }}
{{- with .Values.config.prometheus }}
{{- with .url }}
{{- $url := urlParse . }}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- $ports = append $ports (int ($port | default (ternary "443" "80" (eq $url.scheme "https")))) }}
{{- end }}
{{- end }}
{{- $numbers := list }}
{{- range $ports }}{{ $numbers = append $numbers (int .) }}{{ end }}
{{- uniq $numbers | toJson }}
{{- end }}

{{/* Rights are those of one namespace when the operator watches one. */}}
{{- define "${chart}.roleKind" -}}
{{ if .Values.config.watchNamespace }}Role{{ else }}ClusterRole{{ end }}
{{- end }}
`
}

/** The first lines of an object of the release. */
export function head(chart: string, apiVersion: string, kind: string): string {
  return `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: {{ include "${chart}.name" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "${chart}.labels" . | nindent 4 }}
`
}

/** Lines one level deeper. */
export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

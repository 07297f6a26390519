import type { Project } from '../../src/project/project.ts'
import { manifestText } from '../kustomize.ts'
import { leaseRules, projectRules } from '../rbac.ts'
import { indented } from './helper-templates.ts'

/** `templates/role.yaml`: what the operator needs on any mesh. */
export function roleTemplate(project: Project): string {
  const { operatorName } = project
  return boundRole(operatorName, {
    kind: `{{ include "${operatorName}.roleKind" . }}`,
    name: `{{ include "${operatorName}.name" . }}`,
    namespace: watched,
    rules: indented(manifestText(projectRules(project))),
  })
}

/** `templates/mesh-role.yaml`: the rights to the kinds of the chosen mesh, from its file in `meshes/`. */
export function meshRoleTemplate(chart: string): string {
  return boundRole(chart, {
    kind: `{{ include "${chart}.roleKind" . }}`,
    name: `{{ include "${chart}.name" . }}-{{ .Values.mesh }}`,
    namespace: watched,
    rules: '  {{- .Files.Get (printf "meshes/%s.yaml" .Values.mesh) | nindent 2 }}\n',
  })
}

/** `templates/crd-role.yaml`: the right to read what of the chosen mesh is in no namespace, where it has a file for that in `meshes/`. */
export function crdRoleTemplate(chart: string): string {
  const role = boundRole(chart, {
    kind: 'ClusterRole',
    // As in the overlays: another installation in another namespace has one as well.
    name: `{{ include "${chart}.name" . }}-{{ .Values.mesh }}{{ if ne .Release.Namespace "${chart}" }}-{{ .Release.Namespace }}{{ end }}-crds`,
    namespace: '',
    rules: '  {{- $rules | nindent 2 }}\n',
  })
  return `{{- $rules := .Files.Get (printf "meshes/%s.crds.yaml" .Values.mesh) }}
{{- if $rules }}
${role}{{- end }}
`
}

/** `templates/leader-election-role.yaml`. */
export function leaderElectionRoleTemplate(chart: string): string {
  const role = boundRole(chart, {
    kind: 'Role',
    name: `{{ include "${chart}.name" . }}-leader-election`,
    namespace: `
  namespace: {{ .Values.config.leaderElectionNamespace | default .Values.config.watchNamespace | default .Release.Namespace }}`,
    rules: indented(manifestText(leaseRules)),
  })
  return `{{- if .Values.config.enableLeaderElection }}
${role}{{- end }}
`
}

const watched = `
  {{- with .Values.config.watchNamespace }}
  namespace: {{ . }}
  {{- end }}`

interface RoleText {
  readonly kind: string
  readonly name: string
  /** A line of `metadata`, or template text that gives one. */
  readonly namespace: string
  readonly rules: string
}

function boundRole(chart: string, { kind, name, namespace, rules }: RoleText): string {
  const head = (object: string) => `apiVersion: rbac.authorization.k8s.io/v1
kind: ${object}
metadata:
  name: ${name}${namespace}
  labels:
    {{- include "${chart}.labels" . | nindent 4 }}
`
  return `${head(kind)}rules:
${rules}---
${head(`${kind}Binding`)}roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ${kind}
  name: ${name}
subjects:
  - kind: ServiceAccount
    name: {{ include "${chart}.name" . }}
    namespace: {{ .Release.Namespace }}
`
}

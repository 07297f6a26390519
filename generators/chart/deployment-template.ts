import { head } from './helper-templates.ts'

/** `templates/deployment.yaml`, fit for the `restricted` Pod Security Standard. */
export function deploymentTemplate(chart: string): string {
  return `${head(chart, 'apps/v1', 'Deployment')}spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      {{- include "${chart}.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "${chart}.labels" . | nindent 8 }}
      annotations:
        {{- with include "${chart}.metricsPort" . }}
        prometheus.io/scrape: "true"
        prometheus.io/port: {{ . | quote }}
        {{- end }}
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "${chart}.name" . }}
      automountServiceAccountToken: true
      terminationGracePeriodSeconds: 30
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: operator
          {{- with .Values.image }}
          {{- if .digest }}
          image: {{ printf "%s@%s" .repository .digest }}
          {{- else }}
          image: {{ printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}
          {{- end }}
          {{- with .pullPolicy }}
          imagePullPolicy: {{ . }}
          {{- end }}
          {{- end }}
          args: [run, /app, --config, /etc/autopilot/autopilot-operator.yaml]
          env:
            - name: NODE_ENV
              value: production
          {{- with include "${chart}.metricsPort" . }}
          ports:
            - name: metrics
              containerPort: {{ . }}
              protocol: TCP
          livenessProbe:
            httpGet:
              path: /healthz
              port: metrics
            periodSeconds: 10
            failureThreshold: 3
          readinessProbe:
            httpGet:
              path: /readyz
              port: metrics
            periodSeconds: 5
          {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          volumeMounts:
            - name: config
              mountPath: /etc/autopilot
              readOnly: true
      volumes:
        - name: config
          configMap:
            name: {{ include "${chart}.name" . }}-config
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
`
}

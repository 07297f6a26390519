/** A kubeconfig with one context, as YAML: all values are quoted as JSON, which YAML reads. */
export function kubeconfig(url: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: autopilot
    cluster:
      server: ${JSON.stringify(url)}
users:
  - name: admin
    user:
      token: ${JSON.stringify(token)}
contexts:
  - name: autopilot
    context:
      cluster: autopilot
      user: admin
      namespace: default
current-context: autopilot
`
}

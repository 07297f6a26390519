/**
 * A kubeconfig with one context, as YAML: all values are quoted as JSON, which YAML reads. The token stands in the URL too, as
 * the password of basic authentication, because client-go sends no credentials of a user over plain HTTP.
 */
export function kubeconfig(url: string, token: string): string {
  const server = new URL(url)
  server.username = 'admin'
  server.password = token
  return `apiVersion: v1
kind: Config
clusters:
  - name: autopilot
    cluster:
      server: ${JSON.stringify(server.href.replace(/\/$/, ''))}
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

import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can go wrong with the cluster: AP3xxx. */
export const kubeCodes = {
  AP3001: {
    title: 'The API server cannot be reached',
    text: ({ server, problem }) => `the API server at ${server} cannot be reached: ${problem}`,
    remedy: 'Check the server address of the kubeconfig and that the server is running.',
  } satisfies DiagnosticEntry<{ server: string; problem: string }>,
  AP3002: {
    title: 'The name of the API server is unknown',
    text: ({ server }) => `the host of ${server} has no address`,
    remedy: 'Check the server address of the kubeconfig, and DNS or the VPN that the cluster needs.',
  } satisfies DiagnosticEntry<{ server: string }>,
  AP3003: {
    title: 'The API server is not trusted',
    text: ({ server, problem }) => `no trusted TLS connection to ${server}: ${problem}`,
    remedy:
      'Give the cluster its certificate-authority in the kubeconfig, and tls-server-name if its certificate is for another name.',
  } satisfies DiagnosticEntry<{ server: string; problem: string }>,
  AP3004: {
    title: 'The API server does not answer in time',
    text: ({ server, problem }) => `no answer from ${server}: ${problem}`,
    remedy: 'Check firewalls, proxies and the VPN between here and the cluster, and the load of the API server.',
  } satisfies DiagnosticEntry<{ server: string; problem: string }>,
  AP3005: {
    title: 'No such kubeconfig',
    text: ({ file, problem }) => `the kubeconfig ${file} cannot be read: ${problem}`,
    remedy: 'Check KUBECONFIG or the --kubeconfig option.',
  } satisfies DiagnosticEntry<{ file: string; problem: string }>,
  AP3006: {
    title: 'Not a kubeconfig',
    text: ({ file, problem }) => `${file} is not a kubeconfig: ${problem}`,
    remedy: 'Mend the file; `kubectl config view` shows what a kubeconfig looks like.',
  } satisfies DiagnosticEntry<{ file: string; problem: string }>,
  AP3007: {
    title: 'Unknown context',
    text: ({ context, known, file }) => `the context ${context} is not in ${file}, which has ${known}`,
    remedy: 'Name one of these contexts, or set one with `kubectl config use-context`.',
  } satisfies DiagnosticEntry<{ context: string; known: string; file: string }>,
  AP3008: {
    title: 'Incomplete context',
    text: ({ context, what, name, file }) =>
      `the context ${context} names the ${what} ${name}, which is not in ${file}`,
    remedy: 'Add it to the kubeconfig, or correct its name in the context.',
  } satisfies DiagnosticEntry<{ context: string; what: 'cluster' | 'user'; name: string; file: string }>,
  AP3009: {
    title: 'No cluster is configured',
    text: ({ tried }) => `no cluster is configured: ${tried}`,
    remedy: 'Set KUBECONFIG, or run inside a cluster with a service account.',
  } satisfies DiagnosticEntry<{ tried: string }>,
  AP3010: {
    title: 'The API server does not accept the credentials',
    text: ({ server, user, problem }) => `${server} does not accept the credentials of ${user}: ${problem}`,
    remedy: 'Log in again: the token or certificate may have expired.',
  } satisfies DiagnosticEntry<{ server: string; user: string; problem: string }>,
  AP3011: {
    title: 'Not allowed',
    text: ({ user, verb, resource, where }) => `${user} may not ${verb} ${resource}${where}`,
    remedy: ({ verb, resource }) =>
      `Grant it with a Role or ClusterRole that allows to ${verb} ${resource}; ` +
      'the manifests under deploy/ have all that an operator needs.',
  } satisfies DiagnosticEntry<{ user: string; verb: string; resource: string; where: string }>,
  AP3012: {
    title: 'Kind not installed',
    text: ({ kind, served }) => `the cluster does not serve ${kind}${served}`,
    remedy:
      'Install its CustomResourceDefinition (for a mesh: install the mesh or its CRDs), or choose another version.',
  } satisfies DiagnosticEntry<{ kind: string; served: string }>,
  AP3013: {
    title: 'The credentials cannot be obtained',
    text: ({ user, problem }) => `no credentials for ${user}: ${problem}`,
    remedy: 'Run the login command of the cluster, and check that the plugin of the kubeconfig is installed.',
  } satisfies DiagnosticEntry<{ user: string; problem: string }>,
  AP3014: {
    title: 'A file of the kubeconfig is missing',
    text: ({ what, file, problem }) => `the ${what} ${file} cannot be read: ${problem}`,
    remedy: 'Check the path in the kubeconfig: relative paths count from the folder of the kubeconfig.',
  } satisfies DiagnosticEntry<{ what: string; file: string; problem: string }>,
  AP3015: {
    title: 'Not a Kubernetes API server',
    text: ({ server, problem }) => `${server} does not answer as a Kubernetes API server: ${problem}`,
    remedy: 'Check the server address of the kubeconfig: scheme, port, path, and proxies in between.',
  } satisfies DiagnosticEntry<{ server: string; problem: string }>,
  AP3016: {
    title: 'The namespace is going or gone',
    text: ({ call, problem }) => `cannot ${call}: ${problem}`,
    remedy: 'Create the namespace again, or delete what still refers to it.',
  } satisfies DiagnosticEntry<{ call: string; problem: string }>,
  AP3017: {
    title: 'The object belongs to someone else',
    text: ({ problem }) => problem,
    remedy: 'Rename or delete the object, or give it to this operator with its app.kubernetes.io/managed-by label.',
  } satisfies DiagnosticEntry<{ problem: string }>,
  AP3018: {
    title: 'The API server refuses the object',
    text: ({ call, problem }) => `cannot ${call}: ${problem}`,
    remedy: 'Correct the fields named; `kubectl explain` shows what they take.',
  } satisfies DiagnosticEntry<{ call: string; problem: string }>,
}

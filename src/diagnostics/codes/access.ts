import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with access policies and mutual TLS: AP2170 to AP2189, and where two proxies decide: AP2250 to AP2252. */
export const accessCodes = {
  AP2170: {
    title: 'Pods of a ServiceAccount unknown',
    text: ({ mesh, account }) =>
      `${mesh} names pods by their labels, and no workload with the ${account} is known that would tell them`,
    remedy: 'Create the Deployment, StatefulSet or DaemonSet first; for `ap translate`, give it with -f.',
  } satisfies DiagnosticEntry<{ mesh: string; account: string }>,
  AP2171: {
    title: 'Labels that select pods of another ServiceAccount',
    text: ({ mesh, account, workload, other }) =>
      `${mesh} names pods by their labels, and those of the ${account} select ${workload} too, which runs as ${other}`,
    remedy:
      'Give the pods of each ServiceAccount a label, in their Deployment’s selector, that the others do not have.',
  } satisfies DiagnosticEntry<{ mesh: string; account: string; workload: string; other: string }>,
  AP2172: {
    title: 'ServiceAccount of pods unknown',
    text: ({ mesh, pods }) =>
      `${mesh} names pods by their ServiceAccount, and ${pods} are not known to be those of one ServiceAccount`,
    remedy:
      'Give all Deployments, StatefulSets and DaemonSets of the namespace with -f; the pods of one ServiceAccount are protected together there.',
  } satisfies DiagnosticEntry<{ mesh: string; pods: string }>,
  AP2173: {
    title: 'Ports of pods unknown',
    text: ({ mesh, pods }) => `${mesh} protects each port by itself, and it is not known which ports ${pods} have`,
    remedy:
      'Declare the ports of the containers in the Deployment, and let it be known: create it first, or give it with -f.',
  } satisfies DiagnosticEntry<{ mesh: string; pods: string }>,
  AP2174: {
    title: 'A port that the pods do not declare',
    text: ({ mesh, pods, port, known }) => `${mesh} is asked about port ${port} of ${pods}, which declare ${known}`,
    remedy: 'Name a port of the containers (not of the Service), or declare it in the Deployment.',
  } satisfies DiagnosticEntry<{ mesh: string; pods: string; port: number; known: string }>,
  AP2175: {
    title: 'Two policies for the same pods',
    text: ({ mesh, first, second }) =>
      `${first} and ${second} may have pods in common, and ${mesh} takes one policy for a port of a pod`,
    remedy: 'Let the labels exclude each other, or say both in one policy.',
  } satisfies DiagnosticEntry<{ mesh: string; first: string; second: string }>,
  AP2176: {
    title: 'A health check that would be refused',
    text: ({ mesh, pods, path, port }) =>
      `the kubelet asks ${pods} for ${path} on port ${port}, and on ${mesh} a rule for the same requests would refuse it`,
    remedy: 'Leave that path out of the rules: it stays open to everybody, as the kubelet has no identity.',
  } satisfies DiagnosticEntry<{ mesh: string; pods: string; path: string; port: number }>,
  AP2177: {
    title: 'Two modes of mutual TLS for the same pods',
    text: ({ pods, first, second }) => `${first} and ${second} do not agree about the mutual TLS of ${pods}`,
    remedy: 'Let one resource own it, or let the labels exclude each other.',
  } satisfies DiagnosticEntry<{ pods: string; first: string; second: string }>,
  AP2178: {
    title: 'Access that would be wider than it was',
    text: ({ mesh, what, object }) =>
      `${what} is not translated to ${mesh}: a part of ${object}, in the same namespace, cannot be read, and without it more could be let in`,
    remedy: 'Mend what is said about that object, or take it out of the files.',
  } satisfies DiagnosticEntry<{ mesh: string; what: string; object: string }>,
  AP2250: {
    title: 'Access that its proxies could not decide as it is asked',
    text: ({ mesh, pods, problem }) => `${mesh} cannot carry the access to ${pods}: ${problem}`,
    remedy: ({ remedy }) => remedy,
  } satisfies DiagnosticEntry<{ mesh: string; pods: string; problem: string; remedy: string }>,
  AP2251: {
    title: 'Half of an access policy',
    text: ({ object, problem }) => `${object} ${problem}`,
    remedy: ({ remedy }) => remedy,
  } satisfies DiagnosticEntry<{ object: string; problem: string; remedy: string }>,
  AP2252: {
    title: 'A policy that may refuse requests',
    text: ({ mesh, object }) => `${object} may refuse the request, which is no part of where ${mesh} sends it`,
    remedy: 'Look at the object; `ap route` is told neither who calls nor how often.',
  } satisfies DiagnosticEntry<{ mesh: string; object: string }>,
}

import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with a call of the command line: AP6xxx. */
export const cliCodes = {
  AP6002: {
    title: 'A project without code',
    text: ({ folder, entries }) => `${folder} has no operator code (looked for ${entries})`,
    remedy: 'Export the operator as default from src/operator.ts of the project, or name the right folder.',
  } satisfies DiagnosticEntry<{ folder: string; entries: string }>,
  AP6003: {
    title: 'Not an operator',
    text: ({ file }) => `${file} does not export an operator as default`,
    remedy: 'Write `export default defineOperator({ spec, status, workers })`.',
  } satisfies DiagnosticEntry<{ file: string }>,
  AP6004: {
    title: 'Operator code does not load',
    text: ({ file, problem }) => `${file} does not load: ${problem}`,
    remedy: 'Mend the code; running it by itself with node shows where it fails.',
  } satisfies DiagnosticEntry<{ file: string; problem: string }>,
  AP6005: {
    title: 'Types of the resource are missing',
    text: ({ file }) => `${file} does not export the zod objects \`spec\` and \`status\``,
    remedy: 'Write `export const spec = z.object({ … })`, and the same for `status`.',
  } satisfies DiagnosticEntry<{ file: string }>,
  AP6006: {
    title: 'The library cannot be packed',
    text: ({ problem }) => `npm cannot pack this checkout of mesh-autopilot: ${problem}`,
    remedy: 'Run `npm ci` in the checkout, then `npm pack` there to see the whole error.',
  } satisfies DiagnosticEntry<{ problem: string }>,
  AP6007: {
    title: 'Something is in the way of a new project',
    text: ({ folder, files }) => `${folder} already has ${files}`,
    remedy: 'Name another folder; nothing was written.',
  } satisfies DiagnosticEntry<{ folder: string; files: string }>,
  AP6008: {
    title: 'No vitest',
    text: ({ folder }) => `${folder} has no vitest to run its tests with`,
    remedy: 'Run `npm install` in the project; package.json names vitest among its devDependencies.',
  } satisfies DiagnosticEntry<{ folder: string }>,
  AP6030: {
    title: 'The API server refuses',
    text: ({ problem }) => `the API server refuses: ${problem}`,
    remedy: 'Mend what it names, then call the command again; what was done already is not done twice.',
  } satisfies DiagnosticEntry<{ problem: string }>,
  AP6031: {
    title: 'A phase needs more than one namespace',
    text: ({ phase, name, namespace }) =>
      `the phase ${phase} uses ${name}, which belong to no namespace, and the operator would watch the namespace ${namespace} only`,
    remedy: 'Deploy it with --cluster-scoped.',
  } satisfies DiagnosticEntry<{ phase: string; name: string; namespace: string }>,
  AP6032: {
    title: 'No such namespace',
    text: ({ namespace }) => `there is no namespace ${namespace}`,
    remedy: ({ namespace }) =>
      `Create it with \`kubectl create namespace ${namespace}\`, or leave out -n: the operator’s own namespace is made when it is not there.`,
  } satisfies DiagnosticEntry<{ namespace: string }>,
  AP6033: {
    title: 'A namespace that is being deleted',
    text: ({ namespace }) => `the namespace ${namespace} is being deleted`,
    remedy: 'Wait until it is gone, then call the command again.',
  } satisfies DiagnosticEntry<{ namespace: string }>,
  AP6034: {
    title: 'An object of somebody else',
    text: ({ object, by }) => `${object} is there already and belongs to ${by}`,
    remedy: 'Delete it, or deploy into another namespace with -n; nothing was written.',
  } satisfies DiagnosticEntry<{ object: string; by: string }>,
  AP6035: {
    title: 'Deployed elsewhere',
    text: ({ operator, namespace, watches }) =>
      `${operator} is deployed in the namespace ${namespace} already and watches ${watches}`,
    remedy: ({ namespace }) =>
      `Deploy into that namespace with \`-n ${namespace}\`, or take it away with \`ap undeploy -n ${namespace}\`.`,
  } satisfies DiagnosticEntry<{ operator: string; namespace: string; watches: string }>,
  AP6036: {
    title: 'The operator does not become available',
    text: ({ deployment, after, reason }) => `the Deployment ${deployment} is not available${after}: ${reason}`,
    remedy:
      'Mend what is named here; `ap logs` shows what the operator says and `kubectl describe` what happens to its pods.',
  } satisfies DiagnosticEntry<{ deployment: string; after: string; reason: string }>,
  AP6037: {
    title: 'Resources are left',
    text: ({ kind, count, names }) =>
      `there ${count === 1 ? 'is' : 'are'} ${count} ${kind}${count === 1 ? '' : 's'} left: ${names}`,
    remedy: 'Delete them and wait until they are gone, or undeploy with --cascade; nothing was deleted.',
  } satisfies DiagnosticEntry<{ kind: string; count: number; names: string }>,
  AP6038: {
    title: 'Not deployed',
    text: ({ operator, namespace, elsewhere }) =>
      `${operator} is not deployed in the namespace ${namespace} by \`ap deploy\`${elsewhere}`,
    remedy: 'Name its namespace with -n; what kubectl or Helm has installed is theirs to remove.',
  } satisfies DiagnosticEntry<{ operator: string; namespace: string; elsewhere: string }>,
  AP6039: {
    title: 'Nobody can clean up',
    text: ({ operator }) => `the operator ${operator} does not run, so nobody restores the traffic of its resources`,
    remedy:
      'Mend it (`ap status`, `ap logs`), or keep the traffic as it is with `--traffic keep`; nothing was deleted.',
  } satisfies DiagnosticEntry<{ operator: string }>,
  AP6040: {
    title: 'Not gone in time',
    text: ({ after, problem }) => `after ${after} ${problem}`,
    remedy: 'See `ap logs` for the reason, then call the command again; it goes on where it was.',
  } satisfies DiagnosticEntry<{ after: string; problem: string }>,
  AP6041: {
    title: 'No pods',
    text: ({ operator, namespace }) => `${operator} has no pod in the namespace ${namespace}`,
    remedy: 'See with `ap status` whether it is deployed, and where; name its namespace with -n.',
  } satisfies DiagnosticEntry<{ operator: string; namespace: string }>,
  AP6042: {
    title: 'No operator there',
    text: ({ operator, namespace, elsewhere }) =>
      `${operator} is not deployed in the namespace ${namespace}${elsewhere}`,
    remedy: 'Deploy it with `ap deploy IMAGE`, or name its namespace with -n.',
  } satisfies DiagnosticEntry<{ operator: string; namespace: string; elsewhere: string }>,
  AP6043: {
    title: 'The kind of the project is not installed',
    text: ({ kind, group }) => `the cluster does not serve ${kind} of ${group}`,
    remedy: '`ap deploy` installs it with the operator; deploy/base/crd.yaml has it alone.',
  } satisfies DiagnosticEntry<{ kind: string; group: string }>,
  AP6044: {
    title: 'No such resource',
    text: ({ resource, hint }) => `there is no ${resource}${hint}`,
    remedy: 'See what there is with `ap get -A`, and name its namespace with -n.',
  } satisfies DiagnosticEntry<{ resource: string; hint: string }>,
  AP6045: {
    title: 'Nothing to pause',
    text: ({ resource, phase }) => `${resource} has ended in the phase ${phase}`,
    remedy: 'Nothing is done for it any more; delete it, or begin a new one.',
  } satisfies DiagnosticEntry<{ resource: string; phase: string }>,
  AP6060: {
    title: 'The system refuses a file',
    text: ({ path, problem }) => `${path} cannot be used: ${problem}`,
    remedy: 'Check the path, its permissions and the space that is left, then call the command again.',
  } satisfies DiagnosticEntry<{ path: string; problem: string }>,
  AP6061: {
    title: 'A pod without a log',
    text: ({ pod, problem }) => `the log of ${pod} cannot be read: ${problem}`,
    remedy: 'See with `ap status` whether its container has started; `ap logs -f` waits for it.',
  } satisfies DiagnosticEntry<{ pod: string; problem: string }>,
  AP6062: {
    title: 'A pod whose node is out of reach',
    text: ({ pod, node, problem }) =>
      `the API server cannot fetch the log of ${pod} from its node at ${node}: ${problem}`,
    remedy: 'See with `kubectl get nodes` whether the node is up; `ap logs -f` waits for it.',
  } satisfies DiagnosticEntry<{ pod: string; node: string; problem: string }>,
  AP6063: {
    title: 'Not renewed for the other mesh',
    text: ({ files }) => `changed by hand, and therefore not renewed: ${files}`,
    remedy:
      'Look with `ap generate --check` what differs, then call `ap generate --overwrite`, which keeps yours as .orig.',
  } satisfies DiagnosticEntry<{ files: string }>,
}

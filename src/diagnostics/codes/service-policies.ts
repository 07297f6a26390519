import type { DiagnosticEntry } from '../diagnostic.ts'

/** Headers that one backend changes, and what holds for a Service as a whole: affinity, breakers, rate limits. */
export const servicePolicyCodes = {
  AP2190: {
    title: 'A header that a rule and its backend both change',
    text: ({ apex, rule, header, backend }) =>
      `the rule ${rule} of ${apex} and its backend ${backend} both change the header ${header}`,
    remedy: 'Change it in one place only: meshes differ in which of the two has the last word.',
  } satisfies DiagnosticEntry<{ apex: string; rule: string; header: string; backend: string }>,
  AP2191: {
    title: 'Two policies say the same of one service',
    text: ({ apex, part, first, second }) => `${first} and ${second} both say ${part} of ${apex}`,
    remedy: 'Let one resource own it: such a policy holds for the Service as a whole.',
  } satisfies DiagnosticEntry<{ apex: string; part: string; first: string; second: string }>,
  AP2192: {
    title: 'Another DestinationRule for the same host',
    text: ({ object, host }) =>
      `${object} is about ${host} as well, and Istio would follow one of the two policies and not the other`,
    remedy:
      'Take its trafficPolicy away and say all of it in one place; one of the same namespace that only names subsets may stay.',
  } satisfies DiagnosticEntry<{ object: string; host: string }>,
  AP2193: {
    title: 'Somebody else has set the annotations of a Service',
    text: ({ mesh, apex, names, by }) =>
      `${mesh} is told about breakers by annotations of the Service ${apex}, which has some by ${by || 'somebody else'}: ${names}`,
    remedy:
      'Take these annotations off the Service, or leave the circuit breaker out: one of the two has to say all of it.',
  } satisfies DiagnosticEntry<{ mesh: string; apex: string; names: string; by: string }>,
  AP2194: {
    title: 'Annotations of a Service that is not among the files',
    text: ({ mesh, service }) =>
      `${mesh} is told about breakers by annotations of the Service ${service}, which is not among the files: only the annotations are printed`,
    remedy:
      'Set them by `kubectl apply --server-side`, which leaves the rest of the Service as it is, or add the Service to the files.',
  } satisfies DiagnosticEntry<{ mesh: string; service: string }>,
  AP2195: {
    title: 'A rate limit that cannot be put on the pods',
    text: ({ mesh, apex, problem }) => `${mesh} limits pods, and cannot do so for ${apex}: ${problem}`,
    remedy: ({ remedy }) => remedy,
  } satisfies DiagnosticEntry<{ mesh: string; apex: string; problem: string; remedy: string }>,
  AP2196: {
    title: 'Two rate limits for the same pods',
    text: ({ first, second, pods, port }) =>
      `${first} and ${second} ask for different rate limits of port ${port} of the pods of ${pods}`,
    remedy: 'Let them ask for the same: a pod does not see by which Service it was called.',
  } satisfies DiagnosticEntry<{ first: string; second: string; pods: string; port: number }>,
  AP2240: {
    title: 'Another policy of one kind for the same Service',
    text: ({ mesh, object, service }) =>
      `${object} is about ${service} as well, and ${mesh} would make one policy of the two, or follow that one for some callers`,
    remedy:
      'Say all of it in one place: take what the other object says about this Service away, or leave the output out.',
  } satisfies DiagnosticEntry<{ mesh: string; object: string; service: string }>,
}

import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can go wrong while workflows run: AP4xxx. */
export const operatorCodes = {
  AP4001: {
    title: 'Unknown phase',
    text: ({ resource, phase, known }) =>
      `${resource} is in the phase ${phase}, which this operator does not have (it has ${known})`,
    remedy: 'Run the version of the operator that knows the phase, or set status.phase to one of its phases.',
  } satisfies DiagnosticEntry<{ resource: string; phase: string; known: string }>,
  AP4002: {
    title: 'Spec not valid',
    text: ({ resource, problems }) => `the spec of ${resource} is not valid: ${problems}`,
    remedy: 'Correct these fields; `kubectl explain` shows what they take.',
  } satisfies DiagnosticEntry<{ resource: string; problems: string }>,
  AP4003: {
    title: 'Undeclared input',
    text: ({ phase, input }) => `the worker of ${phase} reads inputs.${input}, which the phase does not declare`,
    remedy: ({ phase, input }) => `Add ${input} to \`inputs:\` of the phase ${phase} in autopilot.yaml.`,
  } satisfies DiagnosticEntry<{ phase: string; input: string }>,
  AP4004: {
    title: 'Undeclared output',
    text: ({ phase, output }) => `the worker of ${phase} returned outputs.${output}, which the phase does not declare`,
    remedy: ({ phase, output }) => `Add ${output} to \`outputs:\` of the phase ${phase} in autopilot.yaml.`,
  } satisfies DiagnosticEntry<{ phase: string; output: string }>,
  AP4005: {
    title: 'Unknown next phase',
    text: ({ phase, next, known }) => `the worker of ${phase} went to ${next}, which is no phase (there are ${known})`,
    remedy: 'Return the name of one of the phases of autopilot.yaml.',
  } satisfies DiagnosticEntry<{ phase: string; next: string; known: string }>,
  AP4006: {
    title: 'Transition not allowed',
    text: ({ phase, next, allowed }) =>
      `the worker of ${phase} went to ${next}, and autopilot.yaml allows ${allowed} after ${phase}`,
    remedy: ({ phase, next }) => `Add ${next} to \`next:\` of the phase ${phase}, or return an allowed phase.`,
  } satisfies DiagnosticEntry<{ phase: string; next: string; allowed: string }>,
  AP4007: {
    title: 'Malformed result of a worker',
    text: ({ phase, problem }) => `the worker of ${phase} returned something malformed: ${problem}`,
    remedy: 'Correct the worker; the type PhaseResult says what it may return.',
  } satisfies DiagnosticEntry<{ phase: string; problem: string }>,
  AP4008: {
    title: 'Reserved status field',
    text: ({ phase, field }) => `the worker of ${phase} sets status.${field}, which belongs to the operator`,
    remedy:
      'Use another name; phase, observedGeneration, conditions, phaseHistory, outputs, attachments and lastCommand are taken.',
  } satisfies DiagnosticEntry<{ phase: string; field: string }>,
  AP4009: {
    title: 'A worker does not answer',
    text: ({ phase, after }) => `the worker of ${phase} has not answered for ${after}`,
    remedy: 'Return early and name `after`, and pass the signal to whatever the worker waits for.',
  } satisfies DiagnosticEntry<{ phase: string; after: string }>,
  AP4010: {
    title: 'Not a duration',
    text: ({ what, value }) => `${what} is ${value}, which is no duration`,
    remedy: 'Write durations such as 30s, 1m or 1h30m.',
  } satisfies DiagnosticEntry<{ what: string; value: string }>,
  AP4011: {
    title: 'Not a quantile',
    text: ({ value }) => `the quantile is ${value}`,
    remedy: 'Use a number between 0 and 1, such as 0.99.',
  } satisfies DiagnosticEntry<{ value: string }>,
  AP4012: {
    title: 'A phase without a worker',
    text: ({ phase }) => `the phase ${phase} has no worker`,
    remedy: ({ phase }) => `Add ${phase} to \`workers\` in the definition of the operator, or make the phase final.`,
  } satisfies DiagnosticEntry<{ phase: string }>,
  AP4013: {
    title: 'The finalizer is missing',
    text: ({ kind }) => `autopilot.yaml says enableFinalizer for ${kind}, and the definition has no finalizer`,
    remedy: 'Add `finalizer` to the definition of the operator, or remove enableFinalizer.',
  } satisfies DiagnosticEntry<{ kind: string }>,
  AP4014: {
    title: 'The metrics address cannot be used',
    text: ({ address, problem }) => `cannot listen on ${address}: ${problem}`,
    remedy: 'Set metricsAddr in autopilot-operator.yaml to a free port such as :9091, or to "" to disable it.',
  } satisfies DiagnosticEntry<{ address: string; problem: string }>,
  AP4015: {
    title: 'Unknown kind',
    text: ({ phase, name }) => `the phase ${phase} names ${name}, which is no kind this operator knows`,
    remedy: 'Declare it under `customParameters:` in autopilot.yaml.',
  } satisfies DiagnosticEntry<{ phase: string; name: string }>,
  AP4016: {
    title: 'Traffic rejected by the mesh',
    text: ({ object, reason }) => `the mesh rejects ${object}: ${reason}`,
    remedy: 'Correct what the mesh complains about; the workflow goes on when the object is accepted.',
  } satisfies DiagnosticEntry<{ object: string; reason: string }>,
  AP4017: {
    title: 'Somebody else sets these weights',
    text: ({ manager, route, resource }) => `${manager} has set other weights in ${route} than ${resource} asks for`,
    remedy:
      'They are set again, each time later. Tell the tool that owns the route to leave the weights of these rules alone: docs/guide/attach-to-your-routes.md.',
  } satisfies DiagnosticEntry<{ manager: string; route: string; resource: string }>,
  AP4018: {
    title: 'Waiting for a fault backend',
    text: ({ backend, why }) => `no request is sent to the fault backend ${backend} before it can answer: ${why}`,
    remedy:
      'This ends by itself when a pod of it is ready. If none gets ready, `kubectl describe` its pods: the image may not be allowed or not be reachable.',
  } satisfies DiagnosticEntry<{ backend: string; why: string }>,
}

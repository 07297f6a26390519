import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with splits that are attached to routes of users: AP2210 to AP2219. */
export const attachmentCodes = {
  AP2210: {
    title: 'The route says which requests are meant',
    text: ({ output, field }) => `${output} has attachTo and ${field}`,
    remedy:
      'Leave it out: the rules of the route have conditions and ports, and a backend gets the port of the destination beside it.',
  } satisfies DiagnosticEntry<{ output: string; field: string }>,
  AP2211: {
    title: "Attached to a user's route, and with a route of its own",
    text: ({ apex, attached, own }) =>
      `${attached} sets weights of ${apex} in a user's route, and ${own} is about ${apex} too`,
    remedy: 'Do all of it in the route, or none: two routes for one service take requests from each other.',
  } satisfies DiagnosticEntry<{ apex: string; attached: string; own: string }>,
  AP2212: {
    title: 'Not a route of this mesh',
    text: ({ output, mesh, kind, known }) => `${output} is attached to a ${kind}, and ${mesh} routes by ${known}`,
    remedy: ({ known }) => `Attach to a ${known}, or choose the mesh that follows the route in \`meshProvider\`.`,
  } satisfies DiagnosticEntry<{ output: string; mesh: string; kind: string; known: string }>,
  AP2213: {
    title: 'The route does not exist',
    text: ({ output, route }) => `${output} is attached to ${route}, which does not exist`,
    remedy: 'Create the route, or correct `attachTo`; it is edited as soon as it is there.',
  } satisfies DiagnosticEntry<{ output: string; route: string }>,
  AP2214: {
    title: 'No such rule in the route',
    text: ({ output, route, rule, found, known }) =>
      `${output} is attached to the rule ${rule} of ${route}, which has ${found} with destinations; there are ${known}`,
    remedy: 'Correct `attachTo.rules`, or name the rule in the route: numbers change when rules are inserted.',
  } satisfies DiagnosticEntry<{
    output: string
    route: string
    rule: string
    found: string
    known: string
  }>,
  AP2215: {
    title: 'A rule with other destinations',
    text: ({ output, route, rule, foreign }) =>
      `${rule} of ${route} also sends requests to ${foreign}, which ${output} does not name`,
    remedy: 'Name all Services of the rule in `backends`, or give the others a rule of their own.',
  } satisfies DiagnosticEntry<{ output: string; route: string; rule: string; foreign: string }>,
  AP2216: {
    title: 'Not clear which rule is meant',
    text: ({ output, route, candidates }) =>
      `${output} names no rule, and ${candidates} of ${route} sends requests to one of its backends`,
    remedy: 'Name the rules in `attachTo.rules`.',
  } satisfies DiagnosticEntry<{ output: string; route: string; candidates: string }>,
  AP2217: {
    title: 'Two splits on one rule of a route',
    text: ({ route, rule, first, second }) => `${first} and ${second} both set the weights of ${rule} of ${route}`,
    remedy: 'Attach them to rules of their own, or let one resource own the split.',
  } satisfies DiagnosticEntry<{ route: string; rule: string; first: string; second: string }>,
  AP2218: {
    title: 'One destination twice in a rule',
    text: ({ output, route, rule, destination }) =>
      `${rule} of ${route} has the destination ${destination} twice, and ${output} has one weight for it`,
    remedy: 'Leave one of the two, with the sum of their weights.',
  } satisfies DiagnosticEntry<{ output: string; route: string; rule: string; destination: string }>,
  AP2219: {
    title: "Attached to the operator's own route",
    text: ({ output, route }) => `${output} is attached to ${route}, which this operator writes itself`,
    remedy: 'Name a route of yours, or leave `attachTo` out.',
  } satisfies DiagnosticEntry<{ output: string; route: string }>,
}

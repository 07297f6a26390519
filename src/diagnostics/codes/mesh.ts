import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with traffic, or impossible on a mesh: AP2xxx. */
export const meshCodes = {
  AP2101: {
    title: 'Not possible on this mesh',
    text: ({ mesh, feature, apex, reason }) => `${mesh} cannot carry ${feature} asked of ${apex}: ${reason}`,
    remedy: ({ remedy }) => remedy,
  } satisfies DiagnosticEntry<{
    mesh: string
    feature: string
    apex: string
    reason: string
    remedy: string
  }>,
  AP2102: {
    title: 'The order of two rules would be lost',
    text: ({ mesh, apex, earlier, later, reversed }) =>
      reversed
        ? `${mesh} tries ${later} before ${earlier} of ${apex}, and a request may satisfy both`
        : `${mesh} does not say whether ${earlier} or ${later} of ${apex} is tried first, and a request may satisfy both`,
    remedy: ({ earlier, later }) =>
      `Let the matches of ${earlier} and ${later} exclude each other, for example by a header with another value in each, or make ${earlier} the more specific one.`,
  } satisfies DiagnosticEntry<{ mesh: string; apex: string; earlier: string; later: string; reversed: boolean }>,
  AP2103: {
    title: 'Two plain splits on one service',
    text: ({ apex, first, second }) => `${first} and ${second} both split ${apex} without matches`,
    remedy: 'Give one of them `matches`, or let one resource own the split.',
  } satisfies DiagnosticEntry<{ apex: string; first: string; second: string }>,
  AP2104: {
    title: 'Malformed output',
    text: ({ output, problem }) => `${output} is malformed: ${problem}`,
    remedy: 'Correct the worker that returns it; the type of the output, such as TrafficSplit, says what is allowed.',
  } satisfies DiagnosticEntry<{ output: string; problem: string }>,
  AP2105: {
    title: 'The apex service does not exist',
    text: ({ output, apex }) => `${output} is about ${apex}, and there is no such Service`,
    remedy: 'Create the Service that clients call, or correct `service`.',
  } satisfies DiagnosticEntry<{ output: string; apex: string }>,
  AP2106: {
    title: 'The apex service has no such port',
    text: ({ output, apex, port, known }) => `${output} is about port ${port} of ${apex}, whose TCP ports are ${known}`,
    remedy: 'Name a port of the Service, or leave `ports` out to mean all of them.',
  } satisfies DiagnosticEntry<{ output: string; apex: string; port: number; known: string }>,
  AP2107: {
    title: 'A split without backends',
    text: ({ output }) => `${output} has no backends`,
    remedy: 'Give it at least one backend; return no split at all to leave the traffic to the Service itself.',
  } satisfies DiagnosticEntry<{ output: string }>,
  AP2108: {
    title: 'All weights are zero',
    text: ({ output }) => `all backends of ${output} have weight 0`,
    remedy:
      'Give one backend a positive weight: meshes answer anything from all of the traffic to none of it when there is none.',
  } satisfies DiagnosticEntry<{ output: string }>,
  AP2109: {
    title: 'Not a weight',
    text: ({ output, backend, weight }) => `${output} gives ${backend} the weight ${weight}`,
    remedy: 'Use a whole number from 0 to 1000000; only the ratio of weights counts.',
  } satisfies DiagnosticEntry<{ output: string; backend: string; weight: string }>,
  AP2110: {
    title: 'One backend twice',
    text: ({ output, backend }) => `${output} names the backend ${backend} twice`,
    remedy: 'Name it once, with the sum of the weights.',
  } satisfies DiagnosticEntry<{ output: string; backend: string }>,
  AP2111: {
    title: 'One name twice',
    text: ({ output }) => `${output} is given twice`,
    remedy: 'Give each output of one kind of a resource, and each match of a group, a name of its own.',
  } satisfies DiagnosticEntry<{ output: string }>,
  AP2112: {
    title: 'No such route group',
    text: ({ output, group, known }) =>
      `${output} refers to the HTTPRouteGroup ${group}, which nothing emits (there are ${known})`,
    remedy:
      'Return the group among `httproutegroups` in the same namespace, or write the matches in the output itself.',
  } satisfies DiagnosticEntry<{ output: string; group: string; known: string }>,
  AP2113: {
    title: 'No such match in a route group',
    text: ({ output, group, match, known }) =>
      `${output} refers to the match ${match} of HTTPRouteGroup ${group}, which has ${known}`,
    remedy: 'Name a match of the group, or leave the names out to mean all of them.',
  } satisfies DiagnosticEntry<{ output: string; group: string; match: string; known: string }>,
  AP2114: {
    title: 'Not a usable regular expression',
    text: ({ output, field, regex, problem }) =>
      `${output}: ${field} ${JSON.stringify(regex)} cannot be used: ${problem}`,
    remedy:
      'Use RE2 syntax, which has neither look-around nor back-references; the expression has to take the whole value.',
  } satisfies DiagnosticEntry<{ output: string; field: string; regex: string; problem: string }>,
  AP2115: {
    title: 'This kind of Service cannot be an apex',
    text: ({ output, apex, type }) => `${output} is about ${apex}, which is ${type}`,
    remedy:
      'Use a Service with a cluster IP: clients of any other address the pods themselves, and the mesh sees no Service.',
  } satisfies DiagnosticEntry<{ output: string; apex: string; type: string }>,
  AP2116: {
    title: 'More than the mesh allows',
    text: ({ mesh, place, what, count, limit }) => `${place} asks for ${count} ${what}, and ${mesh} allows ${limit}`,
    remedy: 'Use fewer or shorter ones, or another mesh.',
  } satisfies DiagnosticEntry<{ mesh: string; place: string; what: string; count: number; limit: number }>,
  AP2117: {
    title: 'Not a name',
    text: ({ output, field, name }) => `${output}: ${field} ${JSON.stringify(name)} is not a name`,
    remedy: 'Use lower-case letters, digits and - only, at most 63, with a letter or digit at both ends.',
  } satisfies DiagnosticEntry<{ output: string; field: string; name: string }>,
  AP2118: {
    title: 'A condition that no mesh can carry',
    text: ({ output, field, value, problem }) =>
      `${output}: ${field} ${JSON.stringify(value)} cannot be matched: ${problem}`,
    remedy: 'Correct the condition.',
  } satisfies DiagnosticEntry<{ output: string; field: string; value: string; problem: string }>,
  AP2119: {
    title: 'A service without ports to route',
    text: ({ output, apex }) => `${output} is about ${apex}, which has no TCP port`,
    remedy: 'Use a Service with a TCP port: meshes route nothing else.',
  } satisfies DiagnosticEntry<{ output: string; apex: string }>,
  AP2120: {
    title: 'API version not known',
    text: ({ mesh, group, version, known }) => `${mesh} is asked to write ${group}/${version}, and knows ${known}`,
    remedy: 'Name one of the versions it knows, or leave the version out.',
  } satisfies DiagnosticEntry<{ mesh: string; group: string; version: string; known: string }>,
  AP2121: {
    title: 'Something here is beyond the neutral model',
    text: ({ object, what }) => `${object} has ${what}, which the neutral model has no words for`,
    remedy: 'What is reported about this traffic leaves it out; let one owner write the object.',
  } satisfies DiagnosticEntry<{ object: string; what: string }>,
  AP2122: {
    title: 'Several objects for one service',
    text: ({ object, winner, apex }) => `${object} speaks of ${apex} as well, and ${winner} has precedence`,
    remedy: 'Remove one of them: the mesh takes no notice of parts of them, or of all but one.',
  } satisfies DiagnosticEntry<{ object: string; winner: string; apex: string }>,
  AP2123: {
    title: 'Requests without a rule',
    text: ({ object, port }) => `${object} answers 404 to requests on port ${port} that no rule takes`,
    remedy: 'Add a last rule without conditions.',
  } satisfies DiagnosticEntry<{ object: string; port: number }>,
  AP2124: {
    title: 'Not usable in a metrics query',
    text: ({ what, value }) => `${what} ${JSON.stringify(value)} cannot stand in a metrics query`,
    remedy: 'Use a Prometheus duration such as 1m or 90s for a window, and a number between 0 and 1 for a quantile.',
  } satisfies DiagnosticEntry<{ what: string; value: string }>,
  AP2140: {
    title: 'Not a value a policy may have',
    text: ({ output, field, value, allowed }) => `${output}: ${field} is ${value}, and has to be ${allowed}`,
    remedy: 'Correct the value.',
  } satisfies DiagnosticEntry<{ output: string; field: string; value: string; allowed: string }>,
  AP2141: {
    title: 'Two policies of one kind for the same requests',
    text: ({ apex, first, second }) => `${first} and ${second} are both about all requests to ${apex}`,
    remedy: 'Give one of them `matches`, which then comes first, or let one resource own the policy.',
  } satisfies DiagnosticEntry<{ apex: string; first: string; second: string }>,
  AP2142: {
    title: 'Two conditions on the path that cannot be said as one',
    text: ({ apex, output, rule }) =>
      `${output} takes a part of the requests of the rule ${rule} of ${apex}, and the two conditions on the path together are no condition that a mesh has`,
    remedy:
      'Use exact paths or prefixes in one of the two, or conditions on something other than the path; leave `matches` out to mean every request.',
  } satisfies DiagnosticEntry<{ apex: string; output: string; rule: string }>,
  AP2143: {
    title: 'Too many rules come of it',
    text: ({ apex, count, limit }) =>
      `all that is asked of ${apex} together makes ${count} rules or matches, and ${limit} are the most`,
    remedy: 'Give fewer of the policies `matches`: the matches of each kind are multiplied by those of the others.',
  } satisfies DiagnosticEntry<{ apex: string; count: number; limit: number }>,
  AP2144: {
    title: 'A policy for a port that does not speak HTTP',
    text: ({ output, apex, port }) => `${output} is about port ${port} of ${apex}, which does not speak HTTP`,
    remedy: 'Name HTTP ports of the Service, or leave `ports` out to mean all of these.',
  } satisfies DiagnosticEntry<{ output: string; apex: string; port: number }>,
  AP2145: {
    title: 'The fault backend is not there',
    text: ({ mesh, apex, backend, port, cannot }) => {
      const missing = `a fault on ${apex} is a backend on ${mesh}, and there is no Service ${backend} with port ${port}`
      return cannot === undefined ? missing : `${missing}, which the operator cannot make: ${cannot}`
    },
    remedy: ({ status }) =>
      `Create that Service, with pods that answer every request with ${status}; docs/reference/semantics.md has one to copy.`,
  } satisfies DiagnosticEntry<{
    mesh: string
    apex: string
    backend: string
    port: number
    status: string
    cannot?: string
  }>,
  AP2146: {
    title: 'A change of headers that not every mesh makes',
    text: ({ output, field, value, problem }) =>
      `${output}: ${field} ${JSON.stringify(value)} cannot be used: ${problem}`,
    remedy: 'Correct the policy.',
  } satisfies DiagnosticEntry<{ output: string; field: string; value: string; problem: string }>,
  AP2147: {
    title: 'A name kept for fault backends',
    text: ({ output, backend }) => `${output} names the backend ${backend}`,
    remedy: 'Emit a FaultInjection with that status, or give the Service another name.',
  } satisfies DiagnosticEntry<{ output: string; backend: string }>,
}

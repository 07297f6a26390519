import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with objects in files, and with what is asked about them: AP7xxx. */
export const manifestCodes = {
  AP7001: {
    title: 'Not an object of the Kubernetes API',
    text: ({ problem }) => `this is no object of the Kubernetes API: ${problem}`,
    remedy: 'Give it apiVersion, kind and metadata.name, as `kubectl get -o yaml` prints them.',
  } satisfies DiagnosticEntry<{ problem: string }>,
  AP7002: {
    title: 'One object twice',
    text: ({ object, place }) => `${object} is already given in ${place}`,
    remedy: 'Keep one of the two.',
  } satisfies DiagnosticEntry<{ object: string; place: string }>,
  AP7003: {
    title: 'Refused by its schema or webhook',
    text: ({ object, field, problem }) => `${object}: ${field}: ${problem}`,
    remedy: 'Correct the object: a cluster would not store it.',
  } satisfies DiagnosticEntry<{ object: string; field: string; problem: string }>,
  AP7101: {
    title: 'A kind that is not translated',
    text: ({ mesh, object }) => `${object} is not translated to ${mesh}: this kind is not one that ap translate reads`,
    remedy: ({ neutral }) =>
      `${neutral === undefined ? '' : `If it is meant as a document of Autopilot, its apiVersion is ${neutral}. `}Carry it over by hand, or take it out of the files; --partial prints the rest.`,
  } satisfies DiagnosticEntry<{ mesh: string; object: string; neutral?: string | undefined }>,
  AP7102: {
    title: 'A feature that is not translated',
    text: ({ mesh, object, what }) =>
      `${what} of ${object} is not translated to ${mesh}: the neutral model has no words for it`,
    remedy: 'Carry it over by hand, or take it out of the object; --partial prints the rest.',
  } satisfies DiagnosticEntry<{ mesh: string; object: string; what: string }>,
  AP7103: {
    title: 'Ports unknown',
    text: ({ mesh, object, apex }) =>
      `${object} cannot be translated to ${mesh}: it names no ports, and there is no Service ${apex} that tells them`,
    remedy: ({ apex }) => `Add the Service ${apex} to the files: \`-f\` may be repeated.`,
  } satisfies DiagnosticEntry<{ mesh: string; object: string; apex: string }>,
  AP7104: {
    title: 'Ports assumed',
    text: ({ object, apex, ports }) =>
      `${object} is about all ports of ${apex}, which is not among the files; it is taken to have those of the backends: ${ports}`,
    remedy: ({ apex }) => `Add the Service ${apex} to the files when it has others.`,
  } satisfies DiagnosticEntry<{ object: string; apex: string; ports: string }>,
  AP7105: {
    title: 'A subset that nothing defines',
    text: ({ mesh, object, subset, host }) =>
      `${object} cannot be translated to ${mesh}: no DestinationRule defines the subset ${subset} of ${host}`,
    remedy: 'Add the DestinationRule to the files.',
  } satisfies DiagnosticEntry<{ mesh: string; object: string; subset: string; host: string }>,
  AP7106: {
    title: 'A subset that cannot become a Service',
    text: ({ mesh, object, subset, host, problem }) =>
      `the subset ${subset} of ${host} in ${object} cannot become a Service for ${mesh}: ${problem}`,
    remedy: 'Add the Service of the host to the files, with a selector, or write a Service for each version.',
  } satisfies DiagnosticEntry<{ mesh: string; object: string; subset: string; host: string; problem: string }>,
  AP7107: {
    title: 'Two sources for one service',
    text: ({ mesh, apex, first, second }) =>
      `${first} and ${second} both route ${apex}, and what ${mesh} should do with both is not defined`,
    remedy: 'Keep one of them in the files.',
  } satisfies DiagnosticEntry<{ mesh: string; apex: string; first: string; second: string }>,
  AP7108: {
    title: 'An order that SMI does not define',
    text: ({ mesh, apex, first, second }) =>
      `${first} and ${second} both take some requests to ${apex}, and SMI does not say which ${mesh} should prefer`,
    remedy: 'Let their matches exclude each other, for example by a header with another value in each.',
  } satisfies DiagnosticEntry<{ mesh: string; apex: string; first: string; second: string }>,
  AP7109: {
    title: 'Nothing to translate',
    text: ({ mesh }) => `nothing in these files asks for traffic that could be translated to ${mesh}`,
    remedy: 'Name files with TrafficSplits, VirtualServices, HTTPRoutes or ServiceProfiles.',
  } satisfies DiagnosticEntry<{ mesh: string }>,
  AP7110: {
    title: 'Two objects of one name',
    text: ({ mesh, object, first, second }) => `${first} and ${second} would both become ${object} on ${mesh}`,
    remedy: 'Rename one of the sources.',
  } satisfies DiagnosticEntry<{ mesh: string; object: string; first: string; second: string }>,
  AP7140: {
    title: 'A split of a Service elsewhere',
    text: ({ object, service, namespace }) =>
      `${object} is about the service ${service}, which is not one of its own namespace ${namespace}`,
    remedy: 'Move the TrafficSplit to the namespace of the Service, or name a Service beside it.',
  } satisfies DiagnosticEntry<{ object: string; service: string; namespace: string }>,
  AP7141: {
    title: 'A backend that the source leaves out',
    text: ({ mesh, object, source, backend }) =>
      `${object} cannot be translated to ${mesh}: ${source} leaves out the backend ${backend}, which is not there, and ${mesh} would answer for it`,
    remedy: 'Add the Service to the files, or take the backend out.',
  } satisfies DiagnosticEntry<{ mesh: string; object: string; source: string; backend: string }>,
  AP7142: {
    title: 'Ports taken to be all there are',
    text: ({ mesh, object, apex, ports }) =>
      `${object} speaks of the ports ${ports} of ${apex}, which is not among the files; ${mesh} divides all ports of a Service alike, so that it is taken to have no others`,
    remedy: ({ apex }) => `Add the Service ${apex} to the files when it has others.`,
  } satisfies DiagnosticEntry<{ mesh: string; object: string; apex: string; ports: string }>,
  AP7201: {
    title: 'A host that nothing knows',
    text: ({ host, known }) => `no rule names the host ${host}, and it is none of the Services given: ${known}`,
    remedy: 'Name a Service that is in the files, add its Service, or give no Service at all to let every name exist.',
  } satisfies DiagnosticEntry<{ host: string; known: string }>,
  AP7203: {
    title: 'A rule that is not followed to its end',
    text: ({ mesh, object, what }) =>
      `the request is taken by ${object}, whose ${what} ap route does not model on ${mesh}`,
    remedy: 'Take the field out of the object to see the rest of the decision.',
  } satisfies DiagnosticEntry<{ mesh: string; object: string; what: string }>,
  AP7204: {
    title: 'A kind that ap route does not follow',
    text: ({ mesh, object }) => `${mesh} routes by ${object} too, and ap route does not model this kind`,
    remedy: 'Take the object out of the files if the request is none of its business.',
  } satisfies DiagnosticEntry<{ mesh: string; object: string }>,
}

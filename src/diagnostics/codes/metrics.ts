import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can go wrong with measurements: AP5xxx. */
export const metricsCodes = {
  AP5001: {
    title: 'Name not usable in a query',
    text: ({ what, value }) => `${what} ${JSON.stringify(value)} cannot stand in a metrics query`,
    remedy: 'Use a Kubernetes name: lower-case letters, digits, - and . only.',
  } satisfies DiagnosticEntry<{ what: string; value: string }>,
  AP5002: {
    title: 'Parameter of a query missing',
    text: ({ query, parameter }) => `the query ${query} is asked without its parameter ${parameter}`,
    remedy: ({ parameters }) => `Give all of its parameters: ${parameters}.`,
  } satisfies DiagnosticEntry<{ query: string; parameter: string; parameters: string }>,
  AP5003: {
    title: 'Unknown parameter of a query',
    text: ({ query, parameter, hint }) => `the query ${query} has no parameter ${parameter}${hint}`,
    remedy: ({ parameters }) => `Its parameters: ${parameters}.`,
  } satisfies DiagnosticEntry<{ query: string; parameter: string; hint: string; parameters: string }>,
  AP5004: {
    title: 'Value not usable in a query',
    text: ({ query, parameter, value }) =>
      `the value ${value} of ${parameter} could change the meaning of the query ${query}`,
    remedy: 'Outside of quotes only a duration, a number or a metric name can be filled in.',
  } satisfies DiagnosticEntry<{ query: string; parameter: string; value: string }>,
  AP5005: {
    title: 'Unknown query',
    text: ({ query, hint }) => `autopilot.yaml has no query "${query}"${hint}`,
    remedy: ({ known }) => `Its queries: ${known}.`,
  } satisfies DiagnosticEntry<{ query: string; hint: string; known: string }>,
}

import type { DiagnosticEntry } from '../diagnostic.ts'

/** What can be wrong with traffic of ports that do not speak HTTP: AP216x. */
export const connectionCodes = {
  AP2160: {
    title: 'Conditions that do not fit the port',
    text: ({ output, conditions, apex, port, spoken }) =>
      `${output} has conditions on ${conditions} and is about ${port === undefined ? 'no port' : `port ${port}`} of ${apex} that could have them: it speaks ${spoken}`,
    remedy: ({ conditions }) =>
      conditions === 'server names'
        ? 'Name ports that speak TLS, by `appProtocol: tls` or a name that begins with tls- or https-, or leave the conditions out.'
        : 'Name HTTP ports in `ports`, or leave the conditions out: of TCP only whole ports can be split, of TLS also by `sniHosts`.',
  } satisfies DiagnosticEntry<{
    output: string
    conditions: string
    apex: string
    port: number | undefined
    spoken: string
  }>,
  AP2161: {
    title: 'One server name in two splits',
    text: ({ apex, name, first, second }) => `${first} and ${second} both split connections to ${apex} for ${name}`,
    remedy: 'Give the name to one of them: the most specific name decides, and of equal ones there can be one only.',
  } satisfies DiagnosticEntry<{ apex: string; name: string; first: string; second: string }>,
  AP2162: {
    title: 'No such TCPRoute',
    text: ({ output, route, known }) =>
      `${output} refers to the TCPRoute ${route}, which nothing emits (there are ${known})`,
    remedy: 'Return the route among `tcproutes` in the same namespace, or name the ports in `ports` of the output.',
  } satisfies DiagnosticEntry<{ output: string; route: string; known: string }>,
}

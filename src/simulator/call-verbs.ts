import type { RequestFacts } from '../kube/transport.ts'

/** Verbs as kube-apiserver counts them (label `verb` of `apiserver_request_total`). */
const verbs = ['GET', 'LIST', 'WATCH', 'POST', 'PUT', 'PATCH', 'APPLY', 'DELETE'] as const
export type CallVerb = (typeof verbs)[number]

const verbOf: Readonly<Record<RequestFacts['verb'], CallVerb | undefined>> = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  apply: 'APPLY',
  delete: 'DELETE',
  raw: undefined,
}

/** Counts the calls of one client by verb; calls outside the objects of the API, such as discovery, count as what HTTP says. */
export class CallVerbs {
  readonly #counts = Object.fromEntries(verbs.map((verb) => [verb, 0])) as Record<CallVerb, number>
  total = 0

  readonly add = ({ verb, method }: RequestFacts): void => {
    const name = verbOf[verb] ?? verbs.find((known) => known === method) ?? 'GET'
    this.#counts[name] += 1
    this.total += 1
  }

  counts(): Record<CallVerb, number> {
    return { ...this.#counts }
  }
}

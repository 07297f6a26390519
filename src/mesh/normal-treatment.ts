import { normalHeaders } from './header-changes.ts'
import { normalBackends } from './normal-backends.ts'
import { redirectPort } from './redirect-port.ts'
import { compareText } from './service.ts'
import type { ServiceRef, TrafficRule, WeightedBackend } from './traffic.ts'
import type { Fault, Mirror, Redirect, Retries, Treatment } from './treatment.ts'

/**
 * A treatment in the form in which it is compared: what has no effect is left out, names of headers are in lower case, and
 * everything stands in a stable order. A redirect leaves nothing else. Idempotent.
 */
export function normalTreatment(treatment: Treatment): Treatment {
  if (treatment.redirect !== undefined) return { redirect: inOrder(treatment.redirect) }
  const retries = treatment.retries && normalRetries(treatment.retries, treatment.timeout)
  const fault = treatment.fault && normalFault(treatment.fault)
  const mirrors = normalMirrors(treatment.mirrors ?? [])
  const requestHeaders = treatment.requestHeaders && normalHeaders(treatment.requestHeaders)
  const responseHeaders = treatment.responseHeaders && normalHeaders(treatment.responseHeaders)
  const rewrite = treatment.rewrite && inOrder(treatment.rewrite)
  return {
    ...(treatment.timeout !== undefined && { timeout: treatment.timeout }),
    ...(retries && { retries }),
    ...(fault && { fault }),
    ...(mirrors.length > 0 && { mirrors }),
    ...(requestHeaders && { requestHeaders }),
    ...(responseHeaders && { responseHeaders }),
    ...(rewrite && Object.keys(rewrite).length > 0 && { rewrite }),
  }
}

/** What a rule does, in normal form. Where no request gets to a backend, backends mean nothing and the apex stands for them. */
export function normalAction(
  rule: TrafficRule,
  apex: ServiceRef,
  port: number,
): Treatment & { readonly backends: readonly WeightedBackend[] } {
  const treatment = normalTreatment(rule)
  if (treatment.redirect !== undefined) return { backends: [], redirect: withoutOwnPort(treatment.redirect, port) }
  const backends = isAbortedWhole(treatment) ? [{ service: apex, port, weight: 1 }] : normalBackends(rule.backends)
  return { backends, ...treatment }
}

/** A port that a redirect has anyway need not be said. */
function withoutOwnPort({ port, ...rest }: Redirect, requestPort: number): Redirect {
  return port === undefined || port === redirectPort(rest, requestPort) ? rest : inOrder({ ...rest, port })
}

/** Whether two rules certainly do the same to their requests; `false` says nothing about those that are aborted one and all. */
export function equalActions(a: TrafficRule, b: TrafficRule): boolean {
  return actionText(a) === actionText(b)
}

/** Whether every request of the rule is answered by its fault. */
export function isAbortedWhole({ fault }: Treatment): boolean {
  return fault?.abort !== undefined && fault.abort.percent >= 100
}

/** Of rules that are compared with all others of their port. */
const actionTexts = new WeakMap<TrafficRule, string>()

function actionText(rule: TrafficRule): string {
  const known = actionTexts.get(rule)
  if (known !== undefined) return known
  const text = JSON.stringify([normalTreatment(rule), rule.redirect === undefined ? normalBackends(rule.backends) : []])
  actionTexts.set(rule, text)
  return text
}

/** Conditions as they are said, each once. A bound for each attempt that the whole request would not live to see bounds nothing. */
function normalRetries(
  { attempts, conditions, perTryTimeout, backoff }: Retries,
  timeout: number | undefined,
): Retries {
  if (attempts === 0) return { attempts, conditions: [] }
  return {
    attempts,
    conditions: [...new Set(conditions)],
    ...(perTryTimeout !== undefined && perTryTimeout < (timeout ?? Number.POSITIVE_INFINITY) && { perTryTimeout }),
    ...(backoff !== undefined && { backoff }),
  }
}

function normalFault({ abort, delay }: Fault): Fault | undefined {
  const fault = {
    ...(abort && abort.percent > 0 && { abort: normalAbort(abort) }),
    ...(delay && delay.percent > 0 && { delay: { duration: delay.duration, percent: delay.percent } }),
  }
  return Object.keys(fault).length === 0 ? undefined : fault
}

function normalAbort(abort: NonNullable<Fault['abort']>): NonNullable<Fault['abort']> {
  const { percent } = abort
  return 'status' in abort ? { status: abort.status, percent } : { grpcStatus: abort.grpcStatus, percent }
}

function normalMirrors(mirrors: readonly Mirror[]): Mirror[] {
  const effective = mirrors.filter(({ percent }) => percent > 0)
  const plain = effective.map(({ service: { namespace, name }, port, percent }) => {
    return { service: { namespace, name }, port, percent }
  })
  return plain.sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)))
}

/** The same fields, by name. */
function inOrder<T extends object>(fields: T): T {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => compareText(a, b))) as T
}

import { SpanStatusCode, trace } from '@opentelemetry/api'
import { diagnostic } from '../diagnostics/catalogue.ts'
import { DiagnosticError } from '../diagnostics/diagnostic.ts'
import type { Clock } from '../kube/clock.ts'
import { formatDuration } from '../project/duration.ts'
import { describeFailure } from './failure.ts'

export interface WorkerCall {
  readonly phase: string
  /** `namespace/name`. */
  readonly resource: string
  readonly clock: Clock
  /** Bound of the call, in milliseconds. */
  readonly timeout: number
  /** Aborts when the result is of no use any more. */
  readonly signal: AbortSignal
}

/** The call was given up because nobody wants its result. */
export class WorkerAborted extends Error {
  override readonly name = 'WorkerAborted'
}

/**
 * Calls user code: a worker or a finalizer. Whatever it does (throw, reject, never answer), the caller gets a result or one
 * error in bounded time. A span of OpenTelemetry is around it.
 *
 * @throws WorkerAborted when the signal aborts, a DiagnosticError when it does not answer in time, and what the code throws
 */
export async function callWorker<T>(options: WorkerCall, call: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
  const { phase, resource, clock, timeout, signal } = options
  const tracer = trace.getTracer('mesh-autopilot')
  return tracer.startActiveSpan(`phase ${phase}`, async (span) => {
    span.setAttributes({ 'autopilot.phase': phase, 'autopilot.resource': resource })
    const late = new AbortController()
    const cancel = clock.after(timeout, () => late.abort())
    try {
      const both = AbortSignal.any([signal, late.signal])
      return await Promise.race([startCall(call, both), whenAborted(both)])
    } catch (error) {
      const reason = late.signal.aborted && !signal.aborted ? timeoutError(phase, timeout) : error
      span.setStatus({ code: SpanStatusCode.ERROR, message: describeFailure(reason, '') })
      throw signal.aborted ? new WorkerAborted() : reason
    } finally {
      cancel()
      span.end()
    }
  })
}

/** What a call that throws at once does is to reject. */
async function startCall<T>(call: (signal: AbortSignal) => T | Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return call(signal)
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new WorkerAborted()), { once: true })
  })
}

function timeoutError(phase: string, timeout: number): DiagnosticError {
  return new DiagnosticError([diagnostic('AP4009', { phase, after: formatDuration(timeout) })])
}

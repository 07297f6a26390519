/**
 * Time as the program sees it. Everything that waits or stamps takes one of these, so that tests and the simulator run on
 * virtual time. `setTimeout`, `Date.now` and timers of libraries are not used beside it.
 */
export interface Clock {
  /** Milliseconds since the epoch, for stamps. It may be set, forward or back, while the program runs. */
  now(): number
  /** Milliseconds since some moment of its own; never set. Whatever measures how long something takes or lasts goes by this. */
  elapsed(): number
  /** Resolves after `ms`; resolves at once, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `action` once after `ms` unless the returned function is called first. Never keeps the process alive by itself. */
  after(ms: number, action: () => void): () => void
}

/** Timers of the platform that are to last longer go off at once. */
const longestTimer = 2 ** 31 - 1

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const finish = () => {
        cancel()
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const cancel = startTimer(ms, finish)
      signal?.addEventListener('abort', finish, { once: true })
    })
  },
  after(ms, action) {
    return startTimer(ms, action, { keepsAlive: false })
  },
}

function startTimer(ms: number, action: () => void, { keepsAlive = true } = {}): () => void {
  let timer: NodeJS.Timeout
  const wait = (left: number) => {
    const part = Math.min(left, longestTimer)
    timer = setTimeout(() => (left > part ? wait(left - part) : action()), part)
    if (!keepsAlive) timer.unref()
  }
  wait(ms)
  return () => clearTimeout(timer)
}

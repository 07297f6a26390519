/** Signs of life of everything that runs on a virtual clock. */
export interface Activity {
  /** A number that changes with everything that happens, such as a count of requests begun and ended. */
  readonly count: () => number
  /** Whether somebody is at work right now: a request in flight, a worker running. */
  readonly busy: () => boolean
}

/** Turns of the event loop that must pass without a sign of life. A chain of promises and streams moves within one or two. */
const calmTurns = 3

/**
 * Turns after which somebody who is at work without doing anything is taken to be waiting for the clock, as a worker does that
 * sleeps between two tries.
 */
const patience = 100

/** Resolves when nothing more happens without time passing. */
export async function quiescent(activity: Activity): Promise<void> {
  let calm = 0
  let last = activity.count()
  for (;;) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    const count = activity.count()
    calm = count === last ? calm + 1 : 0
    last = count
    if (calm >= (activity.busy() ? patience : calmTurns)) return
  }
}

/** Lines for whoever waits: what is being done and for how long. At most one line in `every` milliseconds, and one at the end. */
export interface Progress {
  /** What is being done now. */
  say(what: string): void
  /** The work is over, well or not. */
  end(how: string): void
}

type Write = (line: string) => void

const stderr: Write = (line) => void process.stderr.write(`${line}\n`)

/** Starts telling about `name`. A line comes even when nothing new is said, so that no long silence looks like a hang. */
export function startProgress(name: string, every = 10_000, write: Write = stderr): Progress {
  const started = performance.now()
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`
  let current = 'started'
  write(`${name}: ${current}`)
  const timer = setInterval(() => write(`${name}: ${current}, ${elapsed()}`), every)
  timer.unref()
  return {
    say(what) {
      current = what
    },
    end(how) {
      clearInterval(timer)
      write(`${name}: ${how} after ${elapsed()}`)
    },
  }
}

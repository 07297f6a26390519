import { padEnd, padStart, wrap } from '../columns.ts'
import { images, type Scenario } from './podinfo.ts'
import { type RunResult, type StepResult, shareText, type TransitionResult, type WorkloadResult } from './result.ts'
import type { Screen } from './screen.ts'

const indent = 8
const phaseWidth = 14
const barWidth = 20

/** Draws one run as it goes: its phases with the reasons, its steps with what was measured. */
export class RunView {
  readonly #screen: Screen
  #headed = false

  constructor(screen: Screen, mesh: string, scenario: Scenario) {
    this.#screen = screen
    const { colors } = screen
    screen.line()
    screen.line(`${colors.bold(colors.cyan(mesh))}  ${scenario.title}`)
    screen.line(colors.dim(`podinfo ${tagOf(images.old)} → ${tagOf(images.new)}`))
  }

  phase({ at, phase, reason }: TransitionResult): void {
    const { colors, width } = this.#screen
    const [first = '', ...more] = wrap(reason, Math.max(16, width - indent - phaseWidth))
    this.#screen.line(`${colors.dim(padStart(clock(at), 6))}  ${colors.bold(padEnd(phase, phaseWidth))}${first}`)
    for (const line of more) this.#screen.line(' '.repeat(indent + phaseWidth) + line)
    this.#headed = false
  }

  step(step: StepResult): void {
    if (!this.#headed)
      this.#screen.line(this.#screen.colors.dim(row('', 'asked', 'objects', 'traffic', 'primary', 'canary')))
    this.#headed = true
    this.#screen.line(this.#row(step))
  }

  live(step: () => StepResult | undefined, now: () => number): void {
    this.#screen.live(() => {
      const current = step()
      const share = current?.requested ?? 0
      const filled = Math.round((share / 100) * barWidth)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`
      return `${padStart(clock(now()), 6)}  ${bar} ${shareText(share)} asked, ${shareText(current?.routed ?? null)} routed`
    })
  }

  end({ verdict, seconds, errorsSeen, users, violations }: RunResult, expected: boolean): void {
    const { colors } = this.#screen
    const paint = expected ? colors.green : colors.red
    this.#screen.line(
      `${colors.dim(padStart(clock(seconds), 6))}  ${colors.bold(paint(verdict))}, ${errorsSeen} of ${users} users saw an error`,
    )
    for (const violation of violations)
      for (const line of wrap(violation, this.#screen.width - indent))
        this.#screen.line(`${' '.repeat(indent)}${colors.red(line)}`)
  }

  #row({ from, requested, observed, routed, primary, canary }: StepResult): string {
    return row(
      clock(from),
      shareText(requested),
      shareText(observed),
      shareText(routed),
      workloadText(primary),
      workloadText(canary),
    )
  }
}

function row(time: string, asked: string, objects: string, traffic: string, primary: string, canary: string): string {
  return [
    padStart(time, 6),
    padStart(asked, 7),
    padStart(objects, 8),
    padStart(traffic, 8),
    padStart(primary, 15),
    padStart(canary, 15),
  ].join('')
}

function workloadText({ successRate, p99 }: WorkloadResult): string {
  return p99 === null ? '–' : `${shareText(successRate)} ${padStart(String(p99), 4)} ms`
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

function tagOf(image: string): string {
  return image.slice(image.lastIndexOf(':') + 1)
}

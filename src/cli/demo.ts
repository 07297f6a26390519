import type { MeshProvider } from '../mesh/adapter.ts'
import { wrap } from './columns.ts'
import { type DemoOptions, type DemoPlan, planDemo } from './demo/options.ts'
import { scenarioOf } from './demo/podinfo.ts'
import type { RunResult } from './demo/result.ts'
import { RunView } from './demo/run-view.ts'
import { runScenario, type Workflow } from './demo/scenario-run.ts'
import { Screen } from './demo/screen.ts'
import { serve } from './demo/serve.ts'
import { disagreements, drawSummary } from './demo/summary.ts'
import { type CommandIo, exitCode } from './io.ts'

const legend =
  "Each row is one step of the canary: its share of the traffic as asked for, as the mesh's objects say, and as requests went; success rate and 99th percentile of the latency."

/**
 * `ap demo`: one canary of podinfo per mesh and scenario, on a simulated cluster.
 *
 * Resolves with the exit code: 0 when every run came to the verdict that its scenario should, through the same phases on
 * every mesh, without a moment in which a request could go nowhere; 1 when not; 130 when interrupted.
 * Throws a UsageError when the options make no sense.
 */
export async function runDemo(
  options: DemoOptions,
  io: CommandIo,
  { providers, workflow }: { readonly providers: readonly MeshProvider[]; readonly workflow: () => Promise<Workflow> },
): Promise<number> {
  const plan = planDemo(options, providers)
  const screen = new Screen(io)
  const draw = plan.format === 'text'
  if (draw) for (const line of wrap(legend, screen.width)) screen.line(screen.colors.dim(line))
  const results: RunResult[] = []
  const pairs = plan.providers.flatMap((provider) => plan.scenarios.map((scenario) => ({ provider, scenario })))
  const loaded = await workflow()
  for (const [index, { provider, scenario }] of pairs.entries()) {
    const view = draw ? new RunView(screen, provider.name, scenarioOf[scenario]) : undefined
    const { result, simulation } = await runScenario({
      workflow: loaded,
      provider,
      scenario,
      seed: plan.seed,
      speed: plan.speed,
      signal: io.signal,
      ...(view && {
        listener: {
          phase: (phase) => view.phase(phase),
          step: (step) => view.step(step),
          tick: (step, seconds) => view.live(step, seconds),
        },
      }),
    })
    const served = plan.serve && index === pairs.length - 1
    try {
      if (io.signal.aborted) return exitCode.interrupted
      results.push(result)
      view?.end(result, result.verdict === scenarioOf[scenario].verdict && result.violations.length === 0)
      if (served) {
        report(plan, io, screen, results)
        return await serve(simulation, plan.format === 'text' ? io.stdout : io.stderr, { speed: plan.speed ?? 1 })
      }
    } finally {
      screen.settle()
      await simulation.stop()
    }
  }
  return report(plan, io, screen, results)
}

function report(plan: DemoPlan, io: CommandIo, screen: Screen, results: readonly RunResult[]): number {
  const problems = disagreements(results)
  if (plan.format === 'json') io.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
  else drawSummary(screen, results)
  for (const problem of problems) io.stderr.write(`ap: ${problem}\n`)
  return problems.length === 0 ? exitCode.ok : exitCode.failed
}

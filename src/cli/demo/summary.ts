import { scenarioOf } from './podinfo.ts'
import type { RunResult } from './result.ts'
import type { Screen } from './screen.ts'
import { type Column, table } from './table.ts'

const columns: readonly Column[] = [
  { title: 'mesh' },
  { title: 'scenario' },
  { title: 'verdict' },
  { title: 'errors seen' },
  { title: 'phases', wraps: true },
  { title: 'objects', wraps: true },
  { title: 'API calls', wraps: true },
]

/** Mesh × scenario: what came of it, through which phases, and what it cost. */
export function drawSummary(screen: Screen, runs: readonly RunResult[]): void {
  const { colors } = screen
  const [head = '', ...lines] = table(columns, runs.map(cellsOf), screen.width)
  screen.line()
  screen.line(colors.bold(head))
  for (const line of lines) screen.line(line)
}

/** Why the runs do not show what the demo is to show, each a sentence without a full stop. Empty when they do. */
export function disagreements(runs: readonly RunResult[]): string[] {
  const problems: string[] = []
  const phasesOf = new Map<string, RunResult>()
  for (const run of runs) {
    const expected = scenarioOf[run.scenario].verdict
    if (run.verdict !== expected) problems.push(`${run.mesh} ${run.scenario} came to ${run.verdict}, not ${expected}`)
    const first = phasesOf.get(run.scenario)
    if (first === undefined) phasesOf.set(run.scenario, run)
    else if (first.phases.join() !== run.phases.join())
      problems.push(`${run.mesh} went through other phases than ${first.mesh} with ${run.scenario}`)
    for (const violation of run.violations) problems.push(`${run.mesh} ${run.scenario}: ${violation}`)
  }
  return problems
}

function cellsOf(run: RunResult): string[] {
  return [
    run.mesh,
    run.scenario,
    run.verdict,
    `${run.errorsSeen} of ${run.users}`,
    run.phases.join(' → '),
    kindsText(run.objects),
    Object.entries(run.apiCalls)
      .filter(([, count]) => count > 0)
      .map(([verb, count]) => `${verb} ${count}`)
      .join(', '),
  ]
}

/** `2 Deployment, 2 Service, 1 VirtualService`. */
function kindsText(objects: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const object of objects) {
    const kind = object.split(' ')[0] ?? object
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}

import { runScenario } from '../src/cli/demo/scenario-run.ts'
import { canaryWorkflow } from '../src/cli/demo/workflow.ts'
import { createContainer, meshProviders } from '../src/container.ts'
import type { MeshProvider } from '../src/mesh/adapter.ts'

/**
 * Counts the operator's API calls by verb, per mesh: for one whole canary from adoption to promotion, for one step of its
 * weight, and for an idle minute after it. On the embedded control plane and virtual time, so that every run counts the same.
 *
 * `npm run bench` prints a table, `npm run bench -- --json` an array.
 */
interface Count {
  readonly mesh: string
  readonly span: 'whole canary' | 'weight step' | 'idle minute'
  readonly calls: Readonly<Record<string, number>>
}

type Calls = Record<string, number>

const minute = 60_000

async function count(provider: MeshProvider): Promise<Count[]> {
  const workflow = await canaryWorkflow()
  const marks: { requested: number; calls: Calls }[] = []
  let calls = (): Calls => ({})
  const { simulation } = await runScenario({
    workflow,
    provider,
    scenario: 'good',
    seed: 1,
    listener: {
      started: (running) => {
        calls = () => running.operatorCalls()
      },
      step: ({ requested }) => marks.push({ requested, calls: calls() }),
    },
  })
  try {
    const whole = simulation.operatorCalls()
    await simulation.runFor(minute)
    const idle = difference(whole, simulation.operatorCalls())
    // From the end of one step to the end of the next lies one change of the weight and nothing else.
    const rising = marks.filter(({ requested }) => requested > 0)
    const [first, second] = rising
    const step = first === undefined || second === undefined ? {} : difference(first.calls, second.calls)
    return [
      { mesh: provider.name, span: 'whole canary', calls: positive(whole) },
      { mesh: provider.name, span: 'weight step', calls: positive(step) },
      { mesh: provider.name, span: 'idle minute', calls: positive(idle) },
    ]
  } finally {
    await simulation.stop()
  }
}

function difference(before: Calls, after: Calls): Calls {
  return Object.fromEntries(Object.entries(after).map(([verb, number]) => [verb, number - (before[verb] ?? 0)]))
}

function positive(calls: Calls): Calls {
  return Object.fromEntries(Object.entries(calls).filter(([, number]) => number > 0))
}

function line({ mesh, span, calls }: Count): string {
  const listed = Object.entries(calls).map(([verb, number]) => `${verb} ${number}`)
  return `${mesh.padEnd(12)} ${span.padEnd(13)} ${listed.length === 0 ? 'none' : listed.join(', ')}`
}

const counts: Count[] = []
for (const provider of meshProviders(createContainer())) counts.push(...(await count(provider)))
process.stdout.write(
  process.argv.includes('--json') ? `${JSON.stringify(counts)}\n` : `${counts.map(line).join('\n')}\n`,
)

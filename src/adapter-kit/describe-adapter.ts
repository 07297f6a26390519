import type { MeshAdapter, MeshContext, MeshProvider } from '../mesh/adapter.ts'
import { builtInMeshes } from '../meshes.ts'
import type { LawOptions } from './law.ts'
import { adapterLaws } from './laws.ts'

/** What vitest and node:test have in common. */
export interface TestRunner {
  describe(name: string, define: () => void): unknown
  test(name: string, options: { readonly timeout: number }, body: () => void): unknown
}

export interface KitOptions extends LawOptions {
  /** The cluster the adapter is made for; `cluster.local` and the adapter's own API versions unless given. */
  readonly context?: MeshContext
  /** With which meshes traffic is exchanged, there and back; those that come with Autopilot unless given. */
  readonly peers?: readonly MeshAdapter[]
}

const usualContext: MeshContext = { clusterDomain: 'cluster.local', apiVersions: {} }
/** Milliseconds for one law; 10,000 cases of the slowest take under two minutes. */
const timeout = 600_000

/**
 * Defines one test for each law. How many cases a law tries is `numRuns`, else the variable LAW_RUNS, else a number of its own;
 * LAW_SEED repeats the run of a failure.
 */
export function describeAdapter(
  provider: MeshProvider,
  { describe, test }: TestRunner,
  options: KitOptions = {},
): void {
  const { context = usualContext, peers = otherMeshes(provider), ...given } = options
  const adapter = provider.create(context)
  const versions = Object.entries(context.apiVersions).map(([group, version]) => `${group}/${version}`)
  // Releases as the annotations of the cluster tell them; without any, the oldest.
  const releases =
    context.installed && (Object.values(context.installed.annotations).flatMap(Object.values).join(' ') || '(oldest)')
  describe([`the adapter ${adapter.name}`, ...versions, ...(releases ? [releases] : [])].join(' '), () => {
    for (const law of adapterLaws(adapter, peers)) {
      test(law.name, { timeout }, () => law.check({ ...fromEnvironment(), ...given }))
    }
  })
}

function otherMeshes(provider: MeshProvider): MeshAdapter[] {
  return builtInMeshes.filter(({ name }) => name !== provider.name).map((mesh) => mesh.create(usualContext))
}

/** @throws Error for anything but whole numbers, as a run of no cases proves nothing */
function fromEnvironment(): LawOptions {
  const numRuns = numberIn('LAW_RUNS', 1)
  const seed = numberIn('LAW_SEED', -0x80000000)
  return { ...(numRuns !== undefined && { numRuns }), ...(seed !== undefined && { seed }) }
}

function numberIn(name: string, least: number): number | undefined {
  const text = process.env[name]
  if (text === undefined || text === '') return undefined
  const number = Number(text)
  if (Number.isInteger(number) && number >= least) return number
  throw new Error(`${name} is ${JSON.stringify(text)}, which is not a whole number of at least ${least}`)
}

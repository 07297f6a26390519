import type { Capabilities, Feature } from '../src/mesh/capabilities.ts'

/** What one test that passed shows. */
export interface Evidence {
  /** The word that users write as `meshProvider`. */
  readonly mesh: string
  readonly by: 'laws' | 'crds' | 'proxy' | 'cluster' | 'simulation'
  readonly features: readonly Feature[]
}

interface Column {
  readonly name: string
  readonly capabilities: Capabilities
}

const signs: Readonly<Record<Evidence['by'], { readonly sign: string; readonly meaning: string }>> = {
  laws: {
    sign: 'L',
    meaning:
      'laws: thousands of generated cases with the feature are read back as they were meant, and requests go where the neutral meaning sends them (`npm run test:laws`)',
  },
  crds: {
    sign: 'C',
    meaning:
      'real CRDs: what is written for it is taken by a real API server, rules in CEL included (`npm run test:cluster`)',
  },
  proxy: {
    sign: 'P',
    meaning:
      'real proxy: a real istiod programs a real Envoy with it, and requests show its effect (`npm run test:dataplane`)',
  },
  cluster: { sign: 'K', meaning: 'a canary on a real API server uses it (`npm run test:cluster`)' },
  simulation: { sign: 'S', meaning: 'simulated canaries use it, with failures at random moments (`npm test`)' },
}

/** docs/reference/proof.md: a cell has a sign only if a test that passed says so. */
export function proofPage(
  names: Readonly<Record<Feature, string>>,
  meshes: readonly Column[],
  evidence: readonly Evidence[],
): string {
  const cell = (feature: Feature, { name, capabilities }: Column) => {
    if (capabilities[feature].support === 'unsupported') return 'refused'
    const shown = evidence.filter((one) => one.mesh === name && one.features.includes(feature)).map(({ by }) => by)
    const found = Object.entries(signs).filter(([by]) => shown.some((one) => one === by))
    return found.map(([, { sign }]) => sign).join(' ')
  }
  const rows = Object.entries(names).map(([feature, title]) => {
    const cells = meshes.map((mesh) => cell(feature as Feature, mesh))
    return `| \`${feature}\` | ${title} | ${cells.join(' | ')} |`
  })
  return [
    '# What is proven, and by what',
    '',
    'Made from the reports of the tests by `generators/write-proof.ts`: a sign stands where a test that passed says it shows the feature on the mesh. CI makes the page again from its own reports and fails when it differs.',
    '',
    ...Object.values(signs).map(({ sign, meaning }) => `- **${sign}** ${meaning}`),
    '- **refused**: the mesh cannot carry it, and it is refused before anything is applied; that refusals come with a reason and that no refused feature reaches an object are laws too.',
    '- An empty cell: nothing here shows it but examples. Linkerd, SMI and Kuma have no proxy that these tests could run.',
    '',
    `| feature | what it is | ${meshes.map(({ name }) => name).join(' | ')} |`,
    `|---|---|${meshes.map(() => '---|').join('')}`,
    ...rows,
    '',
  ].join('\n')
}

/** What the passed tests of vitest's JSON reports prove. */
export function evidenceIn(report: unknown): Evidence[] {
  const { testResults = [] } = report as { testResults?: { assertionResults: ReportedTest[] }[] }
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed')
    .flatMap(({ meta }) => meta?.proves ?? [])
}

interface ReportedTest {
  readonly status: string
  readonly meta?: { readonly proves?: readonly Evidence[] }
}

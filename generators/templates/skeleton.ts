import { forUser, type ProjectFile } from '../project/project-file.ts'
import type { ProjectIdentity } from './template.ts'

/** Versions that a project is set up with, each exact. */
export interface SkeletonVersions {
  /** What `dependencies` says of the library: a version, or `file:` and a path. */
  readonly library: string
  readonly zod: string
  readonly typescript: string
  readonly vitest: string
  readonly nodeTypes: string
}

/** What every project has besides its workflow. */
export function skeleton(identity: ProjectIdentity, versions: SkeletonVersions): ProjectFile[] {
  return [
    forUser('autopilot-operator.yaml', operatorConfig(identity)),
    forUser('package.json', packageJson(identity, versions)),
    forUser('tsconfig.json', tsconfig),
    forUser('.gitignore', 'node_modules/\ndist/\n'),
    forUser('README.md', readme(identity)),
  ]
}

function operatorConfig({ mesh }: ProjectIdentity): string {
  return `# The mesh that the workflow runs on. \`ap capabilities\` tells what each can do.
meshProvider: ${mesh}
# Resources are looked at again after this time, and whenever something changes.
workInterval: 5s
# Metrics, /healthz and /readyz.
metricsAddr: ":9091"
enableLeaderElection: true
`
}

function packageJson({ operatorName }: ProjectIdentity, versions: SkeletonVersions): string {
  const content = {
    name: operatorName,
    version: '0.0.1',
    private: true,
    type: 'module',
    scripts: { generate: 'ap generate', lint: 'ap lint', types: 'tsc', test: 'vitest run' },
    dependencies: { 'mesh-autopilot': versions.library, zod: versions.zod },
    devDependencies: {
      '@types/node': versions.nodeTypes,
      typescript: versions.typescript,
      vitest: versions.vitest,
    },
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

/** Node runs the sources as they are, which sets the bounds of the syntax. */
const tsconfig = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'es2024',
      module: 'nodenext',
      moduleResolution: 'nodenext',
      lib: ['es2024', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      isolatedModules: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
    },
    include: ['src', 'test'],
  },
  null,
  2,
)}\n`

function readme({ kind, operatorName, mesh }: ProjectIdentity): string {
  return `# ${operatorName}

An operator for \`${kind}\` resources, for ${mesh}. Its phases are in \`autopilot.yaml\` and drawn in \`docs/workflow.md\`.

| to | do |
| --- | --- |
| change the workflow | edit \`autopilot.yaml\`, then \`npm run generate\` |
| change what users can write | edit \`src/spec.ts\`, then \`npm run generate\` |
| say what a phase does | edit \`src/workers/\` |
| find mistakes | \`npm run lint && npm run types\` |
| try it without a cluster | \`npm test\` |
| run it on the current kubeconfig | \`npx ap run\` |
| build its image, without Docker | \`npx ap build registry.example/team/${operatorName}:1.0 --push\` |
| deploy it to the current kubeconfig | \`npx ap deploy registry.example/team/${operatorName}:1.0 --wait\` |
| deploy it by other means | \`kubectl apply -k deploy/overlays/${mesh}\` |

\`src/generated\`, \`deploy\` and \`schemas\` are generated; everything else is yours.
`
}

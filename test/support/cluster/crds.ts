import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { CounterpartMissing } from './binaries.ts'
import { findProgram } from './command.ts'
import { downloadModule } from './go-build.ts'
import { waitFor } from './processes.ts'
import { versions } from './versions.ts'

/** The names that users write as `meshProvider`. */
export const meshNames = ['istio', 'istio-ambient', 'gateway-api', 'linkerd', 'smi'] as const
export type MeshName = (typeof meshNames)[number]
/** Those whose CRDs nobody but a user can give: without them their suites are skipped, in CI too. */
const optionalMeshNames = ['kuma'] as const
export type TriedMesh = MeshName | (typeof optionalMeshNames)[number]
export const triedMeshes: readonly TriedMesh[] = [...meshNames, ...optionalMeshNames]

/** CRDs that a mesh's adapter needs; where all are installed, the mesh can be tried. */
const needed: Readonly<Record<TriedMesh, readonly string[]>> = {
  istio: ['virtualservices.networking.istio.io', 'destinationrules.networking.istio.io'],
  'istio-ambient': ['httproutes.gateway.networking.k8s.io', 'peerauthentications.security.istio.io'],
  'gateway-api': ['httproutes.gateway.networking.k8s.io', 'grpcroutes.gateway.networking.k8s.io'],
  linkerd: ['httproutes.gateway.networking.k8s.io', 'servers.policy.linkerd.io'],
  smi: ['trafficsplits.split.smi-spec.io', 'httproutegroups.specs.smi-spec.io'],
  kuma: ['meshhttproutes.kuma.io', 'meshtrafficpermissions.kuma.io', 'meshloadbalancingstrategies.kuma.io'],
}

/** Whether a suite has to run where everything that can be had is there. */
export function isExpected(mesh: TriedMesh): boolean {
  return meshNames.some((name) => name === mesh)
}

/** Which of the meshes have all their CRDs among the names of the given ones. */
export function availableMeshes(installed: ReadonlySet<string>): TriedMesh[] {
  return triedMeshes.filter((mesh) => needed[mesh].every((name) => installed.has(name)))
}

/**
 * Installs Istio's CRDs and the Gateway API's standard channel, with TCPRoute and TLSRoute of the experimental one, from Go's module cache, and every YAML file in and under the
 * folder that the user named. HTTPRoutes are of the channel asked for. Resolves when all are established; gives the names of what is installed.
 */
export async function installCrds(
  kubectl: (args: readonly string[]) => Promise<string>,
  scratch: string,
  named: string | undefined,
  channel: 'standard' | 'experimental' = 'standard',
): Promise<Set<string>> {
  const files = [...(await fromModules(channel)), ...(named === undefined ? [] : await fromFolder(named))]
  await mkdir(scratch, { recursive: true })
  // One file for all: kubectl then reads the server's kinds once.
  const all = join(scratch, 'crds.yaml')
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  await writeFile(all, texts.map(onlyObjects).join('\n---\n'))
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', all])
  const names = new Set<string>()
  // `kubectl wait` asks for one after another and takes seconds for it.
  await waitFor('all CRDs are established', async () => {
    const lines = (await kubectl(['get', 'crd', '-o', `go-template=${established}`])).trim().split('\n')
    for (const line of lines) names.add(line.split(' ')[0] ?? '')
    return lines.every((line) => line.endsWith(' True'))
  })
  return names
}

/** A line for each CRD, with ` True` at its end once it is established. A new one has no status yet, over which jsonpath stumbles. */
const established = [
  '{{range .items}}{{.metadata.name}}',
  '{{with .status}}{{range .conditions}}{{if eq .type "Established"}} {{.status}}{{end}}{{end}}{{end}}',
  '{{"\\n"}}{{end}}',
].join('')

async function fromModules(channel: 'standard' | 'experimental'): Promise<string[]> {
  if ((await findProgram('go')) === undefined) {
    throw new CounterpartMissing(
      'no Go here: install it to get the CRDs of Istio and the Gateway API from their modules',
    )
  }
  const istio = await downloadModule(versions.istio.module, versions.istio.version)
  const gateway = await downloadModule(versions.gatewayApi.module, versions.gatewayApi.version)
  const tcpRoute = await downloadModule(versions.tcpRoute.module, versions.tcpRoute.version)
  const standard = await yamlFiles(join(gateway.Dir, 'config', 'crd', 'standard'))
  const plurals = ['tlsroutes', ...(channel === 'experimental' ? ['httproutes'] : [])]
  const experimental = (dir: string, plural: string) =>
    join(dir, 'config', 'crd', 'experimental', `gateway.networking.k8s.io_${plural}.yaml`)
  return [
    join(istio.Dir, 'kubernetes', 'customresourcedefinitions.gen.yaml'),
    ...standard.filter((file) => !plurals.some((plural) => file.endsWith(`_${plural}.yaml`))),
    // Routes for connections in all of their versions: Linkerd reads v1alpha2 only.
    ...plurals.map((plural) => experimental(gateway.Dir, plural)),
    experimental(tcpRoute.Dir, 'tcproutes'),
  ]
}

/**
 * The YAML files of a folder and of the folders in it. Where two define one CRD, the first by path counts: the folder may hold an
 * older form beside a newer one.
 */
async function fromFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    throw new Error(`AUTOPILOT_TEST_CRDS names ${folder}, which cannot be read`, { cause: error })
  })
  const files = entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort(byFolder)
  const first = new Map<string, string>()
  for (const file of files) {
    const name = crdName(await readFile(file, 'utf8')) ?? file
    if (!first.has(name)) first.set(name, file)
  }
  return [...first.values()]
}

/** `smi` before `smi-linkerd`: folder by folder, where comparing whole paths would compare `/` with `-`. */
function byFolder(a: string, b: string): number {
  const [left, right] = [a, b].map((path) => path.replaceAll(sep, '\0'))
  if (left === undefined || right === undefined || left === right) return 0
  return left < right ? -1 : 1
}

async function yamlFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name) && name !== 'kustomization.yaml')
  return names.sort().map((name) => join(folder, name))
}

/** The first document's name, if it has one. */
function crdName(text: string): string | undefined {
  const [document] = parseAllDocuments(text)
  const name: unknown = document && 'getIn' in document ? document.getIn(['metadata', 'name']) : undefined
  return typeof name === 'string' ? name : undefined
}

/** Without separators at its ends, so that joining files makes no empty documents. */
function onlyObjects(text: string): string {
  return text.replace(/^(?:---\s*\n)+/, '').trimEnd()
}

import type { Deployment, Service } from '../../../src/operator/kinds.ts'
import { namesOf } from './copies.ts'
import type { CanaryDeployment } from './generated/phases.ts'
import type { Adopted } from './spec.ts'

/** Labels to tell the copies apart by, in order of preference; else the first of the target's selector by name. */
const preferredLabels = ['app', 'app.kubernetes.io/name']

/** What stands in the way of taking a target over, each a sentence without a full stop. */
export function* adoptionProblems(
  resource: CanaryDeployment,
  target: Deployment | undefined,
  apex: Service | undefined,
  { existing }: { existing: readonly (Deployment | Service | undefined)[] },
): Generator<string> {
  const { deployment, service = deployment } = resource.spec
  const owner = ownerOf(target)
  if (target === undefined) yield `Deployment ${deployment} does not exist`
  else if (target.metadata.deletionTimestamp !== undefined) yield `Deployment ${deployment} is being deleted`
  else if (owner !== undefined) yield `Deployment ${deployment} is itself a copy made by CanaryDeployment ${owner.name}`
  else yield* targetProblems(target)
  if (apex === undefined) yield `Service ${service} does not exist`
  else yield* apexProblems(apex, target, resource.spec.ports ?? [])
  for (const copy of existing)
    if (copy !== undefined && ownerOf(copy)?.uid !== resource.metadata.uid)
      yield `${copy.kind} ${copy.metadata.name} exists and was not made by this resource`
}

function* targetProblems({ metadata: { name }, spec }: Deployment): Generator<string> {
  if (spec?.paused) yield `Deployment ${name} is paused`
  if (spec?.replicas === 0) yield `Deployment ${name} is scaled to 0, so there is nothing to take over`
  if (Object.keys(spec?.selector.matchLabels ?? {}).length === 0)
    yield `the selector of Deployment ${name} has no matchLabels, so copies of it cannot be told apart`
  if (!spec?.template.spec?.containers.some(({ ports }) => ports && ports.length > 0))
    yield `no container of Deployment ${name} declares a port`
}

function* apexProblems(
  { metadata: { name }, spec }: Service,
  target: Deployment | undefined,
  wanted: readonly number[],
): Generator<string> {
  if (spec?.type === 'ExternalName') return yield `Service ${name} is an ExternalName, which no mesh can split`
  if (spec?.clusterIP === 'None')
    return yield `Service ${name} is headless: clients choose pods themselves, so no mesh can split it`
  const selector = Object.entries(spec?.selector ?? {})
  const labels = target?.spec?.template.metadata?.labels
  if (selector.length === 0) yield `Service ${name} has no selector`
  else if (labels && selector.some(([key, value]) => labels[key] !== value))
    yield `Service ${name} does not select the pods of Deployment ${target?.metadata.name}: its selector is ${selector.map((pair) => pair.join('=')).join(',')}`
  const ports = (spec?.ports ?? []).map(({ port }) => port)
  if (ports.length === 0) yield `Service ${name} has no ports`
  for (const port of wanted)
    if (ports.length > 0 && !ports.includes(port))
      yield `spec.ports names ${port}, but Service ${name} has ${ports.join(', ')}`
}

/** What to remember of a target and its Service, so that everything can be given back. */
export function adopt(
  { spec: { deployment, service = deployment, route } }: CanaryDeployment,
  target: Deployment,
  apex: Service,
): Adopted {
  const labels = Object.keys(target.spec?.selector.matchLabels ?? {}).sort()
  const label = preferredLabels.find((key) => labels.includes(key)) ?? labels[0] ?? 'app'
  return { deployment, service, label, selector: { ...apex.spec?.selector }, ...(route && { route }) }
}

/**
 * The canary that has an older claim on the same target or Service. A claim is older when its target is taken over already,
 * else when the resource is; the uid decides between two of the same second.
 */
export function rivalOf(resource: CanaryDeployment, all: readonly CanaryDeployment[]): CanaryDeployment | undefined {
  const claim = ({ metadata, status }: CanaryDeployment) =>
    `${status?.adopted ? 0 : 1} ${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`
  const mine = namesOf(wanted(resource))
  return all.find((other) => {
    if (other.metadata.uid === resource.metadata.uid || claim(other) > claim(resource)) return false
    const theirs = namesOf(wanted(other))
    return theirs.primary === mine.primary || theirs.service === mine.service
  })
}

function wanted({ spec: { deployment, service = deployment } }: CanaryDeployment) {
  return { deployment, service }
}

function ownerOf(object: Deployment | Service | undefined) {
  return object?.metadata.ownerReferences?.find(({ kind }) => kind === 'CanaryDeployment')
}

import { at, isJsonObject, type JsonObject, listOf, numberOf, objectOf, stringOf } from '../json.ts'
import { validateName } from '../meta.ts'
import { type Cause, cause } from '../status.ts'

/**
 * The checks of Pods and of templates for them that people run into when they write them by hand. Source:
 * `pkg/apis/core/validation.ValidatePodSpec`.
 */

const restartPolicies = ['Always', 'OnFailure', 'Never']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const protocols = ['SCTP', 'TCP', 'UDP']

export const portRule = 'must be between 1 and 65535, inclusive'

export function isPort(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535
}

/** Problems of the spec of a Pod that stands at `path`. */
export function validatePodSpec(given: unknown, path: string): Cause[] {
  const spec = objectOf(given)
  const causes: Cause[] = []
  const volumes = new Set<string>()
  listOf(spec.volumes).forEach((one, index) => {
    const name = stringOf(objectOf(one).name)
    const field = `${path}.volumes[${index}].name`
    if (name === '') causes.push(cause.required(field))
    else if (volumes.has(name)) causes.push(cause.duplicate(field, name))
    else causes.push(...validateName(name, 'label', field))
    volumes.add(name)
  })
  const containers = listOf(spec.containers)
  if (containers.length === 0) causes.push(cause.required(`${path}.containers`))
  const names = new Set<string>()
  containers.forEach((one, index) => {
    causes.push(...validateContainer(objectOf(one), `${path}.containers[${index}]`, names, volumes))
  })
  listOf(spec.initContainers).forEach((one, index) => {
    causes.push(...validateContainer(objectOf(one), `${path}.initContainers[${index}]`, names, volumes))
  })
  const restart = stringOf(spec.restartPolicy)
  if (!restartPolicies.includes(restart))
    causes.push(cause.unsupported(`${path}.restartPolicy`, restart, restartPolicies))
  const account = stringOf(spec.serviceAccountName)
  if (account !== '') causes.push(...validateName(account, 'subdomain', `${path}.serviceAccountName`))
  return causes
}

function validateContainer(
  container: JsonObject,
  path: string,
  names: Set<string>,
  volumes: ReadonlySet<string>,
): Cause[] {
  const causes: Cause[] = []
  const name = stringOf(container.name)
  if (name === '') causes.push(cause.required(`${path}.name`))
  else if (names.has(name)) causes.push(cause.duplicate(`${path}.name`, name))
  else causes.push(...validateName(name, 'label', `${path}.name`))
  names.add(name)
  if (stringOf(container.image) === '') causes.push(cause.required(`${path}.image`))
  causes.push(...validatePorts(container.ports, `${path}.ports`))
  listOf(container.env).forEach((one, index) => {
    if (stringOf(objectOf(one).name) === '') causes.push(cause.required(`${path}.env[${index}].name`))
  })
  listOf(container.volumeMounts).forEach((one, index) => {
    const mount = objectOf(one)
    const field = `${path}.volumeMounts[${index}]`
    if (!volumes.has(stringOf(mount.name))) causes.push(cause.notFound(`${field}.name`, mount.name ?? ''))
    if (stringOf(mount.mountPath) === '') causes.push(cause.required(`${field}.mountPath`))
  })
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (isJsonObject(container[probe])) causes.push(...validateProbe(container[probe], `${path}.${probe}`))
  }
  const pull = stringOf(container.imagePullPolicy)
  if (!pullPolicies.includes(pull)) causes.push(cause.unsupported(`${path}.imagePullPolicy`, pull, pullPolicies))
  return causes
}

function validatePorts(ports: unknown, path: string): Cause[] {
  const causes: Cause[] = []
  const names = new Set<string>()
  listOf(ports).forEach((one, index) => {
    const { name, containerPort, protocol } = objectOf(one)
    const field = `${path}[${index}]`
    const text = stringOf(name)
    if (text !== '' && !/^[-a-z0-9]+$/.test(text)) {
      const rule = 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'
      causes.push(cause.invalid(`${field}.name`, text, rule))
    } else if (text !== '' && names.has(text)) causes.push(cause.duplicate(`${field}.name`, text))
    names.add(text)
    if (numberOf(containerPort) === 0) causes.push(cause.required(`${field}.containerPort`))
    else if (!isPort(containerPort)) causes.push(cause.invalid(`${field}.containerPort`, containerPort, portRule))
    if (!protocols.includes(stringOf(protocol)))
      causes.push(cause.unsupported(`${field}.protocol`, protocol ?? '', protocols))
  })
  return causes
}

const handlers = ['exec', 'grpc', 'httpGet', 'tcpSocket']

function validateProbe(probe: JsonObject, path: string): Cause[] {
  if (!handlers.some((handler) => isJsonObject(probe[handler])))
    return [cause.required(path, 'must specify a handler type')]
  const causes: Cause[] = []
  for (const handler of handlers) {
    const port = at(probe, handler, 'port')
    if (typeof port === 'number' && !isPort(port)) causes.push(cause.invalid(`${path}.${handler}.port`, port, portRule))
  }
  return causes
}

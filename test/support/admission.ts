import type { KubeObject } from '../../src/kube/object.ts'
import { describePath, type ObjectReading } from '../../src/mesh/object-reading.ts'
import type { PlainClient } from './cluster/client.ts'

/** What a server says of an object; undefined when it takes it. */
type Refusal = string | undefined

const plurals: Readonly<Record<string, string>> = {
  VirtualService: 'virtualservices',
  DestinationRule: 'destinationrules',
  HTTPRoute: 'httproutes',
  TrafficSplit: 'trafficsplits',
  HTTPRouteGroup: 'httproutegroups',
  ServiceProfile: 'serviceprofiles',
}

/** The API server: the kind's schema with its rules in CEL, unknown fields included. Nothing is kept. */
export async function serverRefusal(client: PlainClient, object: KubeObject): Promise<Refusal> {
  const path = `/apis/${object.apiVersion}/namespaces/${object.metadata.namespace}/${plurals[object.kind]}`
  const { status, body } = await client.call('POST', `${path}?dryRun=All&fieldValidation=Strict`, object)
  if (status === 404) throw new Error(`no such kind: ${object.apiVersion} ${object.kind}`)
  return status === 201 ? undefined : JSON.stringify(body)
}

/** istiod's validating webhook, asked as an API server does. */
export async function istiodRefusal(url: string, object: KubeObject): Promise<Refusal> {
  const [group, version] = object.apiVersion.split('/')
  const { name, namespace } = object.metadata
  const kind = { group, version, kind: object.kind }
  const answer = await fetch(`${url}/validate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: { uid: '1', kind, name, namespace, operation: 'CREATE', object },
    }),
  })
  const { response } = (await answer.json()) as { response: { allowed: boolean; status?: { message?: string } } }
  return response.allowed ? undefined : (response.status?.message ?? 'refused')
}

interface Disagreement {
  readonly theirs: Refusal
  readonly ours: readonly string[]
  readonly object: KubeObject
}

/** Objects about which a server and our validation are of two minds, with what each says. */
export async function disagreements(
  objects: readonly KubeObject[],
  reading: ObjectReading,
  refusal: (object: KubeObject) => Promise<Refusal>,
): Promise<Disagreement[]> {
  const found: Disagreement[] = []
  const rest = [...objects]
  // Sixteen at a time: one answer takes milliseconds, most of them spent waiting.
  const lines = Array.from({ length: 16 }, async () => {
    for (let object = rest.pop(); object !== undefined; object = rest.pop()) {
      const theirs = await refusal(object)
      const ours = reading.validate(object).map(({ path, problem }) => `${describePath(path)}: ${problem}`)
      if ((theirs === undefined) !== (ours.length === 0)) found.push({ theirs, ours, object })
    }
  })
  await Promise.all(lines)
  return found
}

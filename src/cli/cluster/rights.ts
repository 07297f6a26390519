import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Connection } from '../../kube/connect.ts'
import type { Kind } from '../../kube/object.ts'
import { fieldsOf } from '../../mesh/fields.ts'
import { whoAmI } from './who.ts'

/** What a user has to be allowed to do. */
export interface NeededRight {
  readonly kind: Pick<Kind, 'group' | 'plural' | 'namespaced'>
  /** `pods/log` and the like: the part behind the slash. */
  readonly subresource?: string
  /** Absent for the whole cluster. */
  readonly namespace?: string | undefined
  readonly verbs: readonly string[]
}

const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

/** Asks the API server about each right; one diagnostic for each resource of which this user lacks some. */
export async function missingRights(
  connection: Connection,
  needed: readonly NeededRight[],
  signal: AbortSignal,
): Promise<Diagnostic[]> {
  const { client } = connection
  const questions = needed.flatMap(({ kind: { group, plural: resource, namespaced }, subresource, namespace, verbs }) =>
    verbs.map((verb) => ({
      ...(namespaced && namespace !== undefined && { namespace }),
      verb,
      group,
      resource,
      ...(subresource !== undefined && { subresource }),
    })),
  )
  const unique = [...new Map(questions.map((question) => [JSON.stringify(question), question])).values()]
  const answers = await Promise.all(
    unique.map(async (resourceAttributes) => {
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      }
      const answer = await client.raw('POST', reviews, review, signal)
      return fieldsOf(fieldsOf(answer)['status'])['allowed'] === true
    }),
  )
  const refused = unique.filter((_question, index) => answers[index] !== true)
  if (refused.length === 0) return []
  const who = await whoAmI(connection, signal)
  const places = Map.groupBy(refused, ({ verb: _verb, ...place }) => JSON.stringify(place))
  return [...places.values()].flatMap((list) => {
    const [first] = list
    if (first === undefined) return []
    const { namespace, group, resource, subresource } = first
    const name = subresource === undefined ? resource : `${resource}/${subresource}`
    return diagnostic('AP3011', {
      user: who,
      verb: inWords(list.map(({ verb }) => verb)),
      resource: group === '' ? name : `${name}.${group}`,
      where: namespace === undefined ? ' in the whole cluster' : ` in the namespace ${namespace}`,
    })
  })
}

function inWords(verbs: readonly string[]): string {
  const last = verbs.at(-1) ?? ''
  return verbs.length < 2 ? last : `${verbs.slice(0, -1).join(', ')} or ${last}`
}

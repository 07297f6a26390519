import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Connection } from '../../kube/connect.ts'
import type { Kind } from '../../kube/object.ts'
import { fieldsOf } from '../../mesh/fields.ts'

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

/** Asks the API server about each right; one diagnostic for each that this user lacks. */
export async function missingRights(
  { client, user }: Connection,
  needed: readonly NeededRight[],
  signal: AbortSignal,
): Promise<Diagnostic[]> {
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
  return unique.flatMap(({ namespace, verb, group, resource, subresource }, index) => {
    if (answers[index] === true) return []
    const name = subresource === undefined ? resource : `${resource}/${subresource}`
    return diagnostic('AP3011', {
      user,
      verb,
      resource: group === '' ? name : `${name}.${group}`,
      where: namespace === undefined ? ' in the whole cluster' : ` in the namespace ${namespace}`,
    })
  })
}

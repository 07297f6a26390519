import type { Connection } from '../../kube/connect.ts'
import { isForbidden, isNotFound } from '../../kube/errors.ts'
import { fieldsOf, textOf } from '../../mesh/fields.ts'

const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

/**
 * The name by which the API server knows this user, which is the one of its audit log (SelfSubjectReview, Kubernetes 1.28). Where it
 * does not tell, that of the kubeconfig.
 */
export async function whoAmI({ client, user }: Connection, signal: AbortSignal): Promise<string> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  try {
    const { status } = fieldsOf(await client.raw('POST', reviews, review, signal))
    return textOf(fieldsOf(fieldsOf(status)['userInfo'])['username']) ?? user
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return user
    throw error
  }
}

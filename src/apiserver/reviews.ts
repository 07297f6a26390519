import { objectOf } from './json.ts'

/** Kinds that are answered, not stored: everybody may do everything here. */
const reviews: Readonly<Record<string, { kind: string; status: (spec: unknown) => unknown }>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': {
    kind: 'SelfSubjectAccessReview',
    status: () => ({ allowed: true }),
  },
  'authorization.k8s.io/subjectaccessreviews': { kind: 'SubjectAccessReview', status: () => ({ allowed: true }) },
  'authorization.k8s.io/selfsubjectrulesreviews': {
    kind: 'SelfSubjectRulesReview',
    status: () => ({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    }),
  },
  'authentication.k8s.io/selfsubjectreviews': {
    kind: 'SelfSubjectReview',
    status: () => ({ userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] } }),
  },
}

/** The review resources by group, for discovery. */
export function reviewResources(): { group: string; plural: string; kind: string }[] {
  return Object.entries(reviews).map(([path, { kind }]) => {
    const [group = '', plural = ''] = path.split('/')
    return { group, plural, kind }
  })
}

/** The answer to a POST on a review resource; `undefined` for any other resource. */
export function answerReview(group: string, version: string, plural: string, body: unknown): unknown {
  const review = version === 'v1' ? reviews[`${group}/${plural}`] : undefined
  if (review === undefined) return undefined
  const { spec = {} } = objectOf(body)
  return { kind: review.kind, apiVersion: `${group}/v1`, metadata: {}, spec, status: review.status(spec) }
}

import type { Connection } from '../../kube/connect.ts'
import { isForbidden } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/object.ts'
import { namespaceKind } from '../../mesh/core-kinds.ts'
import type { OperatorHere } from '../cluster/operator-here.ts'
import type { Check } from './check.ts'

/** Where the mesh is told by labels what to look after: which namespaces it looks after as a whole. */
export async function checkEnrollment(
  { client }: Connection,
  { adapter: { name: mesh, enrollment }, config: { watchNamespace } }: OperatorHere,
): Promise<Check[]> {
  if (enrollment === undefined) return []
  const namespaces = await listed(client)
  if (namespaces === undefined) {
    const text = `you may not list Namespaces, whose labels tell what ${mesh} looks after`
    return [{ check: 'mesh', state: 'unknown', text }]
  }
  const all = namespaces.filter(({ metadata }) => watchNamespace === '' || metadata.name === watchNamespace)
  const enrolled = all.filter(({ metadata: { name, labels: namespaceLabels = {} } }) => {
    return enrollment.missing({ namespace: name, name: 'any' }, { labels: {}, namespaceLabels }).length === 0
  })
  const names = enrolled.map(({ metadata }) => metadata.name).join(', ')
  if (enrolled.length > 0) return [{ check: 'mesh', state: 'ok', text: `${mesh} looks after the Services of ${names}` }]
  const labels = Object.entries(enrollment.namespaceLabels).map((label) => label.join('='))
  const where = watchNamespace === '' ? 'NAME' : watchNamespace
  return [
    {
      check: 'mesh',
      state: 'unknown',
      text: `${mesh} looks after ${watchNamespace === '' ? 'no namespace' : `the namespace ${watchNamespace} not`} as a whole`,
      remedy: `Label it, unless its Services have labels of their own: kubectl label namespace ${where} ${labels.join(' ')}`,
    },
  ]
}

/** Undefined where the user may not. */
async function listed(client: Connection['client']): Promise<readonly KubeObject[] | undefined> {
  try {
    return (await client.list(namespaceKind)).items
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw error
  }
}

import type { Kind } from '../../kube/object.ts'
import type { Project } from '../../project/project.ts'

/** The kind that a project's operator is for. */
export function resourceKind({ group, version, kind, plural }: Project): Kind {
  return { group, version, kind, plural, namespaced: true }
}

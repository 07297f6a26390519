import type { Kind } from '../../kube/object.ts'
import type { Project } from '../../project/project.ts'

/** How several resources of a project are called: `CanaryDeployments`, or where the plural is another word, `canaries`. */
export function pluralName({ kind, plural }: Pick<Project, 'kind' | 'plural'>): string {
  const usual = `${kind}s`
  return usual.toLowerCase() === plural ? usual : plural
}

/** The kind that a project's operator is for. */
export function resourceKind({ group, version, kind, plural }: Project): Kind {
  return { group, version, kind, plural, namespaced: true }
}

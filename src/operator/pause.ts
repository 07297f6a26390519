import type { KubeObject } from '../kube/object.ts'
import type { Project } from '../project/project.ts'

type Group = Pick<Project, 'group'>

/** Annotation that holds a resource in its phase, unless its value is `false` or empty. */
export function pausedAnnotation({ group }: Group): string {
  return `${group}/paused`
}

/** Annotation that says who has paused a resource, and when; for people. */
export function pausedByAnnotation({ group }: Group): string {
  return `${group}/paused-by`
}

/** Annotation that says who has let a resource go on, and when; for people. */
export function resumedByAnnotation({ group }: Group): string {
  return `${group}/resumed-by`
}

/** Why a resource is held, in a sentence; undefined when it is not. */
export function pauseOf({ metadata }: KubeObject, project: Group): string | undefined {
  const { [pausedAnnotation(project)]: paused = '', [pausedByAnnotation(project)]: by = '' } =
    metadata.annotations ?? {}
  if (['', 'false'].includes(paused.trim().toLowerCase())) return undefined
  const who = by.trim() === '' ? `by its annotation ${pausedAnnotation(project)}` : `by ${by.trim()}`
  return `paused ${who}: what is there is kept, and no worker is called`
}

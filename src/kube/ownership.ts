import type { DesiredObject } from './applier.ts'
import { fingerprint } from './desired-fields.ts'
import { withValueAt } from './field-path.ts'
import { apiVersionOf, type KubeObject } from './object.ts'
import { distantOwnersAnnotation, type MergedOwners, ownerUids } from './owners.ts'

/** Recommended label of Kubernetes: which program an object belongs to. */
export const managedByLabel = 'app.kubernetes.io/managed-by'
/** `<manager>/<hash>`: what was applied last, and by whom. */
export const appliedAnnotation = 'mesh-autopilot.dev/applied'

/** Objects of one operator as it marks them. */
export class Ownership {
  readonly manager: string

  constructor(manager: string) {
    this.manager = manager
  }

  has({ metadata }: KubeObject): boolean {
    return metadata.labels?.[managedByLabel] === this.manager
  }

  owns(object: KubeObject, ownerUid: string): boolean {
    return this.has(object) && ownerUids(object).includes(ownerUid)
  }

  /** What of a desired object is held to always: without the fields that only count at creation. */
  lasting({ kind, object, initially = [] }: DesiredObject): KubeObject {
    const {
      managedFields: _m,
      resourceVersion: _r,
      uid: _u,
      generation: _g,
      creationTimestamp: _c,
      ownerReferences: _o,
      ...metadata
    } = object.metadata
    const { status: _, ...fields } = object
    const marked: KubeObject = {
      ...fields,
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: { ...metadata, labels: { ...metadata.labels, [managedByLabel]: this.manager } },
    }
    return initially.reduce((rest, path) => withValueAt(rest, path, undefined), marked)
  }

  /** The value of the annotation for these fields. Names the manager: another's hash says nothing of our field ownership. */
  stamp(lasting: KubeObject): string {
    return `${this.manager}/${fingerprint(lasting)}`
  }

  /** The body of an apply. */
  stamped(fields: KubeObject, stamp: string, { references, distant }: MergedOwners): KubeObject {
    const { metadata } = fields
    return {
      ...fields,
      metadata: {
        ...metadata,
        annotations: {
          ...metadata.annotations,
          [appliedAnnotation]: stamp,
          ...(distant.length > 0 && { [distantOwnersAnnotation]: distant.join(',') }),
        },
        ...(references.length > 0 && { ownerReferences: references }),
      },
    }
  }
}

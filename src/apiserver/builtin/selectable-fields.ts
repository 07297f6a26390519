import type { KubeObject } from '../../kube/object.ts'
import { at, stringOf } from '../json.ts'

/** A field as text, as selectors compare it; empty where it is not there. */
export const read =
  (...path: string[]) =>
  (object: KubeObject) =>
    String(at(object, ...path) ?? '')

/** What Pods and Events are selected by besides their metadata (ToSelectableFields of Kubernetes' registries). */
export const podFields = {
  'spec.nodeName': read('spec', 'nodeName'),
  'spec.restartPolicy': read('spec', 'restartPolicy'),
  'spec.schedulerName': read('spec', 'schedulerName'),
  'spec.serviceAccountName': read('spec', 'serviceAccountName'),
  'status.phase': read('status', 'phase'),
  'status.podIP': read('status', 'podIP'),
}

export const eventFields = {
  'involvedObject.kind': read('involvedObject', 'kind'),
  'involvedObject.namespace': read('involvedObject', 'namespace'),
  'involvedObject.name': read('involvedObject', 'name'),
  'involvedObject.uid': read('involvedObject', 'uid'),
  'involvedObject.apiVersion': read('involvedObject', 'apiVersion'),
  'involvedObject.resourceVersion': read('involvedObject', 'resourceVersion'),
  'involvedObject.fieldPath': read('involvedObject', 'fieldPath'),
  reason: read('reason'),
  reportingComponent: read('reportingComponent'),
  source: (object: KubeObject) => stringOf(at(object, 'source', 'component')) || stringOf(object.reportingComponent),
  type: read('type'),
}

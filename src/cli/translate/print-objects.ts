import { stringify } from 'yaml'
import type { KubeObject } from '../../kube/object.ts'

/** Objects as `kubectl apply` takes them: documents of YAML, or a List of JSON. Nothing for no object in YAML. */
export function printObjects(objects: readonly KubeObject[], format: 'yaml' | 'json'): string {
  if (format === 'json') return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`
  return objects
    .map((object) => stringify(object, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n')
}

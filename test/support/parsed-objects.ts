import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../src/kube/object.ts'

/** The objects of a text with several YAML documents. */
export function documents(text: string): KubeObject[] {
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject)
}

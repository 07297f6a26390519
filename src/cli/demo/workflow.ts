import { fileURLToPath } from 'node:url'
import { crd } from '../../../generators/crd.ts'
import definition from '../../../operators/canary/src/generated/operator.ts'
import { loadProject } from '../../project/load.ts'
import type { Workflow } from './scenario-run.ts'

/** The canary operator as it ships. */
export async function canaryWorkflow(): Promise<Workflow> {
  const { project } = await loadProject(fileURLToPath(new URL('../../../operators/canary/', import.meta.url)))
  return { project, definition, crds: [crd(project, definition)] }
}

import type { OperatorDefinition } from '../../src/operator/definition.ts'
import type { Project } from '../../src/project/project.ts'
import { chartFiles } from '../chart/chart-files.ts'
import { type DeployInputs, deployFiles } from '../kustomize.ts'
import { entryPoint } from './entry-point.ts'
import { exampleResource } from './example-resource.ts'
import { kindsFile } from './kinds-file.ts'
import { phaseTypes, type TypeSurroundings } from './phase-types.ts'
import { generated, type ProjectFile } from './project-file.ts'
import { resourceSchema } from './resource-schema.ts'
import { finalizerStub, specStub, workerStub } from './stubs.ts'
import { testStub } from './test-stub.ts'
import { workflowDoc } from './workflow-doc.ts'

/** What autopilot.yaml alone determines: code, and the user's files as they are before the user has been there. */
export async function codeFiles(project: Project, surroundings: TypeSurroundings): Promise<ProjectFile[]> {
  const working = project.phases.filter(({ final }) => !final)
  return Promise.all([
    phaseTypes(project, surroundings),
    ...(surroundings.typedKinds.length > 0 ? [kindsFile(project, surroundings.typedKinds, surroundings.library)] : []),
    entryPoint(project, surroundings.library),
    specStub(project),
    ...working.map((phase) => workerStub(phase, project)),
    ...(project.enableFinalizer ? [finalizerStub(project)] : []),
    testStub(project, surroundings.testing),
    workflowDoc(project),
  ])
}

/** What the types in `src/spec.ts` determine as well: the CRD with the rest of `deploy/`, and what helps to write a resource. */
export function resourceFiles(
  inputs: DeployInputs,
  definition: Pick<OperatorDefinition, 'spec' | 'status'>,
  deployFolder: string,
): ProjectFile[] {
  const chart = [...chartFiles(inputs, definition)].map(([path, text]): [string, string] => [`chart/${path}`, text])
  const deploy = [...deployFiles(inputs, definition), ...chart].map(([path, text]) =>
    generated(`${deployFolder}/${path}`, text),
  )
  return [resourceSchema(inputs.project, definition), exampleResource(inputs.project, definition), ...deploy]
}

import type { OperatorDefinition } from '../../src/operator/definition.ts'
import type { OperatorConfig, Project } from '../../src/project/project.ts'
import { crd } from '../crd.ts'
import { type DeployInputs, manifestText } from '../kustomize.ts'
import { clusterRules, meshRules } from '../rbac.ts'
import { deploymentTemplate } from './deployment-template.ts'
import { helperTemplates } from './helper-templates.ts'
import { configTemplate, networkTemplates, serviceAccountTemplate } from './object-templates.ts'
import { crdRoleTemplate, leaderElectionRoleTemplate, meshRoleTemplate, roleTemplate } from './role-templates.ts'
import { chartValues } from './values.ts'
import { valuesSchema } from './values-schema.ts'

/**
 * The files of a Helm chart by their paths in it. It gives the objects of the overlays in `deployFiles`, and the mesh is one of its
 * values: what differs between meshes, the rights to their kinds, is a file for each in `meshes/`. The namespace is the release's;
 * the same inputs give the same bytes.
 */
export function chartFiles(
  inputs: DeployInputs,
  definition: Pick<OperatorDefinition, 'spec' | 'status'>,
): Map<string, string> {
  const { project, config, meshes } = inputs
  const { operatorName, plural } = project
  return new Map([
    ['Chart.yaml', manifestText(chart(project, config))],
    ['values.yaml', chartValues(inputs)],
    ['values.schema.json', valuesSchema(meshes.map(({ name }) => name))],
    // Helm installs what is in this folder first, and never changes or removes it.
    [`crds/${plural}.yaml`, manifestText(crd(project, definition))],
    ...meshes.map(({ name, kinds, rivals, annotated, consulted }): [string, string] => [
      `meshes/${name}.yaml`,
      manifestText(meshRules(project, kinds, rivals, annotated, consulted)),
    ]),
    ...meshes.flatMap((mesh): [string, string][] => {
      const rules = clusterRules(project, mesh)
      return rules.length === 0 ? [] : [[`meshes/${mesh.name}.crds.yaml`, manifestText(rules)]]
    }),
    ['templates/_helpers.tpl', helperTemplates(operatorName)],
    ['templates/config.yaml', configTemplate(operatorName)],
    ['templates/deployment.yaml', deploymentTemplate(operatorName)],
    ['templates/leader-election-role.yaml', leaderElectionRoleTemplate(operatorName)],
    ['templates/crd-role.yaml', crdRoleTemplate(operatorName)],
    ['templates/mesh-role.yaml', meshRoleTemplate(operatorName)],
    ['templates/role.yaml', roleTemplate(project)],
    ['templates/service-account.yaml', serviceAccountTemplate(operatorName)],
    ...networkTemplates(operatorName),
  ])
}

function chart({ kind, operatorName, group }: Project, { version }: OperatorConfig): object {
  return {
    apiVersion: 'v2',
    name: operatorName,
    description: `The operator for ${kind} resources of ${group}`,
    type: 'application',
    // Helm takes nothing but semantic versions here.
    version: /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version) ? version : '0.0.1',
    appVersion: version,
    // PodDisruptionBudgets with `unhealthyPodEvictionPolicy`.
    kubeVersion: '>=1.27.0-0',
  }
}

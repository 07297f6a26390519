import { stringify } from 'yaml'
import { generated, type ProjectFile } from '../../../generators/project/project-file.ts'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { connect } from '../../kube/connect.ts'
import { isNotFound } from '../../kube/errors.ts'
import type { Kind } from '../../kube/object.ts'
import { packageVersion } from '../package.ts'
import { crdFolder } from './read-crds.ts'

const crdKind: Kind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

export interface FetchedCrds {
  readonly files: readonly ProjectFile[]
  /** A CRD that the cluster does not have. */
  readonly problems: readonly Diagnostic[]
}

/**
 * The CRDs of kinds as files for a project's folder `crds`, from the cluster of the current kubeconfig. Kinds that API servers have
 * built in are no CRDs and are left out.
 *
 * @throws DiagnosticError when the cluster cannot be asked
 */
export async function fetchCrds(kinds: readonly Kind[], env: NodeJS.ProcessEnv): Promise<FetchedCrds> {
  const wanted = kinds.filter(({ group }) => !isBuiltIn(group))
  const files: ProjectFile[] = []
  const problems: Diagnostic[] = []
  if (wanted.length === 0) return { files, problems }
  const { client, context } = await connect({ env, userAgent: `ap-generate/${packageVersion()}` })
  try {
    for (const { plural, group } of wanted) {
      const name = `${plural}.${group}`
      try {
        const { apiVersion, kind, spec } = await client.get(crdKind, { name })
        const text = stringify({ apiVersion, kind, metadata: { name }, spec }, { compat: 'yaml-1.1', lineWidth: 0 })
        files.push(generated(`${crdFolder}/${name}.yaml`, text))
      } catch (error) {
        if (!isNotFound(error)) throw error
        problems.push(diagnostic('AP1221', { name, context }))
      }
    }
  } finally {
    await client.close()
  }
  return { files, problems }
}

/** Groups of Kubernetes itself. `*.k8s.io` is its community's too, such as gateway.networking.k8s.io. */
function isBuiltIn(group: string): boolean {
  return (
    !group.includes('.') ||
    /^(networking|storage|policy|rbac\.authorization|coordination|discovery|events|scheduling|node)\.k8s\.io$/.test(
      group,
    )
  )
}

import { accessCodes } from './codes/access.ts'
import { attachmentCodes } from './codes/attachments.ts'
import { buildCodes } from './codes/build.ts'
import { cliCodes } from './codes/cli.ts'
import { commandCodes } from './codes/commands.ts'
import { connectionCodes } from './codes/connections.ts'
import { kindTypeCodes } from './codes/kind-types.ts'
import { kubeCodes } from './codes/kube.ts'
import { manifestCodes } from './codes/manifests.ts'
import { meshCodes } from './codes/mesh.ts'
import { metricsCodes } from './codes/metrics.ts'
import { operatorCodes } from './codes/operator.ts'
import { ownershipCodes } from './codes/ownership.ts'
import { projectCodes } from './codes/project.ts'
import { servicePolicyCodes } from './codes/service-policies.ts'
import type { Diagnostic, SourcePosition } from './diagnostic.ts'

/**
 * Every diagnostic there is, by code. Codes are grouped in ranges: 1 project, 2 mesh, 3 cluster, 4 operator, 5 metrics, 6 command line,
 * 7 objects in files.
 */
export const catalogue = {
  ...projectCodes,
  ...kindTypeCodes,
  ...meshCodes,
  ...accessCodes,
  ...attachmentCodes,
  ...ownershipCodes,
  ...connectionCodes,
  ...kubeCodes,
  ...operatorCodes,
  ...commandCodes,
  ...metricsCodes,
  ...cliCodes,
  ...buildCodes,
  ...manifestCodes,
  ...servicePolicyCodes,
}

export type DiagnosticCode = keyof typeof catalogue
type FactsOf<Code extends DiagnosticCode> = Parameters<(typeof catalogue)[Code]['text']>[0]

/** Makes one diagnostic from its code and the facts its text names. */
export function diagnostic<Code extends DiagnosticCode>(
  code: Code,
  facts: FactsOf<Code>,
  position?: SourcePosition,
): Diagnostic {
  const entry = catalogue[code] as {
    text: (facts: FactsOf<Code>) => string
    remedy: string | ((facts: FactsOf<Code>) => string)
  }
  const remedy = typeof entry.remedy === 'string' ? entry.remedy : entry.remedy(facts)
  return {
    code,
    message: entry.text(facts),
    remedy,
    ...(position && { position }),
  }
}

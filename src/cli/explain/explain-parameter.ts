import { apiVersionOf, type Kind } from '../../kube/object.ts'
import { kindsOf, metricsInput } from '../../project/native-kinds.ts'
import type { Project } from '../../project/project.ts'

/** What a phase may name besides the neutral outputs, as facts by what they are about. */
export interface ExplainedParameter {
  readonly title: string
  readonly description: string
  readonly facts: readonly (readonly [string, string])[]
  readonly data: object
}

/** A kind that phases may name, or `metrics`; undefined for a name that is neither. */
export function explainParameter(name: string, project: Project | undefined): ExplainedParameter | undefined {
  if (name === metricsInput) return metrics(project)
  const kind = kindsOf(project ?? { customParameters: [] }).get(name)
  return kind === undefined ? undefined : ofKind(name, kind, project)
}

function metrics(project: Project | undefined): ExplainedParameter {
  const description = 'Measurements of requests by the telemetry of the mesh, or by queries of autopilot.yaml'
  const questions =
    'await inputs.metrics.successRate({ workload, window }); likewise errorRate, requestRate and latency'
  const own = 'await inputs.metrics.query(name, parameters), of what `queries` in autopilot.yaml declares'
  const facts = [['as input', questions] as const, ['', own] as const, ...usedBy(metricsInput, project)]
  return { title: metricsInput, description, facts, data: { name: metricsInput, description } }
}

function ofKind(name: string, kind: Kind, project: Project | undefined): ExplainedParameter {
  const place = kind.namespaced ? ', those in the namespace of the resource' : ''
  const description = `Objects of ${kind.kind} (${apiVersionOf(kind)})${kind.namespaced ? '' : ', which belong to no namespace'}`
  const facts = [
    ['as input', `inputs.${name}.get(name) and .list(labels)${place}`] as const,
    [
      'as output',
      `outputs: { ${name}: [{ object }] }: all that there shall be; one that is left out later is deleted`,
    ] as const,
    ['', `outputs: { ${name}: [{ edit: { name, fields } }] }: fields of one that is not the operator's`] as const,
    ...usedBy(name, project),
  ]
  return {
    title: `${name} (${kind.kind})`,
    description,
    facts,
    data: { name, kind: kind.kind, description, apiVersion: apiVersionOf(kind) },
  }
}

/** The phases of the project that name it. */
function usedBy(name: string, project: Project | undefined): (readonly [string, string])[] {
  const phasesWith = (side: 'inputs' | 'outputs') =>
    (project?.phases ?? []).filter((phase) => phase[side].includes(name)).map((phase) => phase.name)
  const [read, emitted] = [phasesWith('inputs'), phasesWith('outputs')]
  return [
    ...(read.length === 0 ? [] : [['read by', read.join(', ')] as const]),
    ...(emitted.length === 0 ? [] : [['emitted by', emitted.join(', ')] as const]),
  ]
}

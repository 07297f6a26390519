import { z } from 'zod'
import type { KubeObject } from '../src/kube/object.ts'
import type { OperatorDefinition } from '../src/operator/definition.ts'
import type { WorkflowStatus } from '../src/operator/status.ts'
import { k8s } from '../src/project/k8s-types.ts'
import type { Project } from '../src/project/project.ts'
import { operatorLabels } from './deployment.ts'
import { printerColumns } from './printer-columns.ts'
import { type StructuralSchema, toStructural } from './structural.ts'

/** The runtime's own fields of every resource's status. */
const workflowStatus = {
  phase: z.string().optional().describe('The phase of the workflow; empty means the initial one'),
  observedGeneration: z.int().optional().describe('The generation that the status is about'),
  conditions: z
    .array(
      z.object({
        type: z.string(),
        status: z.enum(['True', 'False', 'Unknown']),
        reason: z.string(),
        message: z.string(),
        lastTransitionTime: k8s.time(),
        observedGeneration: z.int().optional(),
      }),
    )
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }),
  phaseHistory: z
    .array(
      z.object({ phase: z.string(), entered: k8s.time(), left: k8s.time().optional(), reason: z.string().optional() }),
    )
    .optional()
    .describe('The last visits to phases, oldest first')
    .meta({ 'x-kubernetes-list-type': 'atomic' }),
  outputs: k8s.preserveUnknown().optional().describe('What was last asked of the mesh'),
  attachments: z
    .array(k8s.preserveUnknown())
    .optional()
    .describe('What was in the routes that are edited, to be put back')
    .meta({ 'x-kubernetes-list-type': 'atomic' }),
  lastCommand: z
    .object({
      verb: z.string(),
      at: k8s.time(),
      by: z.string().optional(),
      reason: z.string().optional(),
      phase: z.string(),
      refused: z.string().optional().describe('Why it was not followed'),
    })
    .optional()
    .describe('The command that was handled last'),
} satisfies Record<keyof WorkflowStatus, z.ZodType>

/**
 * The CustomResourceDefinition of a project (apiextensions.k8s.io/v1, structural, with the status subresource).
 * Throws a DiagnosticError when a zod definition says what no CRD can.
 */
export function crd(project: Project, { spec, status }: Pick<OperatorDefinition, 'spec' | 'status'>): KubeObject {
  const { kind, group, version, plural, operatorName } = project
  const statusSchema = toStructural(z.object({ ...status.shape, ...workflowStatus }), 'status')
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: operatorLabels(operatorName) },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: toStructural(spec, 'spec'),
                status: statusSchema,
              },
            },
          },
          subresources: { status: {} },
          additionalPrinterColumns: columnsOf(spec, status, statusSchema),
        },
      ],
    },
  }
}

/** What `kubectl get` shows; the weight when the workers keep one, and what the project asks for. */
function columnsOf(spec: z.ZodObject, status: z.ZodObject, { properties = {} }: StructuralSchema): object[] {
  const asked = [...printerColumns(spec, 'spec'), ...printerColumns(status, 'status')]
  return [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    ...(properties['weight']?.type === 'integer' && asked.every(({ jsonPath }) => jsonPath !== '.status.weight')
      ? [
          {
            name: 'Weight',
            type: 'integer',
            jsonPath: '.status.weight',
            description: 'Percentage last asked for the canary',
          },
        ]
      : []),
    ...asked,
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ]
}

import { z } from 'zod'
import { attachableKinds } from '../../../src/mesh/outputs.ts'
import { k8s } from '../../../src/project/k8s-types.ts'

/** A Service's name (RFC 1035 label), short enough for `-primary` to follow. */
const serviceName = () => z.string().regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/)
const copiedName = () => serviceName().max(63 - '-primary'.length)

const percent = () => z.int().min(1).max(100)

const fixed = (field: string) => [
  { rule: 'self == oldSelf', message: `${field} cannot be changed; delete this resource and create another one` },
]

/** A route of the user's: what `attachTo` of a split takes. */
const route = z.object({
  kind: z.enum(attachableKinds),
  name: z.string().min(1).max(253),
  rules: z
    .array(k8s.intOrString())
    .min(1)
    .max(16)
    .optional()
    .describe('Names or numbers of its rules; the only one that sends requests to the Service unless given'),
})

/** What users write. The rules between fields are checked again by `plan.ts`, for servers that evaluate no CEL. */
export const spec = z
  .object({
    deployment: copiedName()
      .describe(
        'The Deployment whose new pod templates are tried; its name, with -primary and -canary, names the copies',
      )
      .meta({ 'x-kubernetes-validations': fixed('deployment') }),
    service: serviceName()
      .max(63)
      .optional()
      .describe("The Service that clients call; the deployment's name unless given")
      .meta({ 'x-kubernetes-validations': fixed('service') }),
    route: route
      .optional()
      .describe('A route of yours in which the weights are set; unless given, the operator makes one for the Service')
      .meta({ 'x-kubernetes-validations': fixed('route') }),
    ports: z
      .array(z.int().min(1).max(65535))
      .max(100)
      .optional()
      .describe('Ports that the Service must have; its traffic is split on all of its ports'),
    successThreshold: z
      .number()
      .min(0)
      .max(100)
      .default(99)
      .describe('Percentage of requests to the canary that must not fail'),
    maxLatency: k8s
      .duration()
      .optional()
      .describe('What the 99th percentile of the latency of the canary may be; not judged unless given'),
    analysisPeriod: k8s.duration().default('10s').describe('How long each step lasts at least'),
    measurementInterval: k8s.duration().default('1m').describe('The window over which measurements are taken'),
    steps: z
      .array(percent())
      .min(1)
      .max(100)
      .optional()
      .describe("The canary's share of the traffic in percent, step by step; must rise"),
    stepWeight: percent().optional().describe('Percentage that each step adds; 5 unless `steps` or this is given'),
    maxWeight: percent().optional().describe('Percentage of the last step; 50 unless `steps` or this is given'),
    noTraffic: z
      .enum(['wait', 'fail', 'proceed'])
      .default('wait')
      .describe('What a step without requests to measure means'),
    progressDeadline: k8s
      .duration()
      .default('10m')
      .describe(
        'How long a copy may take to become available, the mesh to take up a weight, or a measurement to succeed',
      ),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '!has(self.steps) || (!has(self.stepWeight) && !has(self.maxWeight))',
        message: 'give either steps, or stepWeight and maxWeight',
      },
      {
        rule: '!has(self.steps) || (self.steps.isSorted() && self.steps.all(x, self.steps.exists_one(y, y == x)))',
        message: 'steps must rise',
      },
      {
        rule: 'has(self.service) == has(oldSelf.service)',
        message: 'service cannot be added or removed; delete this resource and create another one',
      },
      {
        rule: 'has(self.route) == has(oldSelf.route)',
        message: 'route cannot be added or removed; delete this resource and create another one',
      },
    ],
  })

/** One pod template of the target. */
const version = z.object({
  hash: z.string(),
  /** The template as JSON: a string, so that no server prunes it and merging two of them is not possible. */
  template: z.string().describe('The pod template, as JSON'),
  images: z.array(z.string()),
  at: k8s.time(),
})

/** What the workers remember. Whole values only: each field is replaced, never merged. */
export const status = z.object({
  weight: z.int().optional().describe('Percentage of the traffic last asked for the canary'),
  replicas: z.int().optional().describe("The target's replicas as its owner last asked for"),
  adopted: z
    .object({
      deployment: z.string(),
      service: z.string(),
      label: z.string(),
      selector: z.record(z.string(), z.string()),
      route: route.optional(),
    })
    .optional()
    .describe('What was taken over: the label that tells the copies apart, and the selector the Service had'),
  promoted: version.optional().describe('What the primary runs'),
  candidate: version.optional().describe('What the canary runs'),
  failed: z
    .object({ hash: z.string(), images: z.array(z.string()), reason: z.string(), at: k8s.time() })
    .optional()
    .describe('The template that was rolled back last; it is not tried again until it changes'),
  promotions: z
    .array(z.object({ hash: z.string(), images: z.array(z.string()), at: k8s.time() }))
    .optional()
    .describe('The last ten promotions, oldest first'),
  stepSince: k8s.time().optional().describe('Since when the present weight has been in effect'),
  blockedSince: k8s.time().optional().describe('Since when no progress was possible'),
  drainedSince: k8s.time().optional().describe('Since when what goes next has had no traffic'),
  releasedSince: k8s.time().optional().describe('Since when the target has served by itself again'),
})

export type Adopted = NonNullable<z.output<typeof status>['adopted']>
export type Version = z.output<typeof version>

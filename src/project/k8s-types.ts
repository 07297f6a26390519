import { z } from 'zod'
import { parseDuration } from './duration.ts'

/** Durations as Kubernetes writes them; RE2, as the API server compiles patterns with Go's regexp. */
const durationPattern = /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/
/** resource.Quantity (https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity). */
const quantityPattern = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(([KMGTPE]i)|[numkMGTPE]|([eE][+-]?[0-9]+))?$/

/**
 * Field types of the Kubernetes API for a project's zod definitions. zod's own counterparts do not fit a CRD: its durations
 * are ISO 8601, and its unions are not structural.
 */
export const k8s = {
  /** A positive duration such as `10s` or `1h30m`. */
  duration: () =>
    z
      .string()
      .regex(durationPattern, 'must be a duration such as 10s or 1m30s')
      .refine((text) => (parseDuration(text) ?? 0) > 0, 'must be longer than zero'),
  /** An amount such as `250m` or `1Gi`. */
  quantity: () => z.string().regex(quantityPattern, 'must be a quantity such as 250m or 1Gi'),
  /** A number or a string, such as the target port of a Service. */
  intOrString: () => z.union([z.int(), z.string()]).meta({ 'x-kubernetes-int-or-string': true }),
  /** Any object, kept as it is. */
  preserveUnknown: () => z.record(z.string(), z.unknown()).meta({ 'x-kubernetes-preserve-unknown-fields': true }),
  /** An RFC 3339 point in time. */
  time: () => z.string().meta({ format: 'date-time' }),
  /** The milliseconds of a duration, for comparing it with a worker's `now`. @throws RangeError when it is none */
  milliseconds(duration: string): number {
    const milliseconds = parseDuration(duration)
    if (milliseconds === undefined)
      throw new RangeError(`${JSON.stringify(duration)} is no duration such as 10s or 1m30s`)
    return milliseconds
  },
}

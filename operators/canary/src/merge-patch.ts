/**
 * The fields of a JSON merge patch (RFC 7386) that turns `live` into `wanted`: what `wanted` lacks is null. Lists are
 * replaced as a whole, as merge patches do.
 */
export function mergePatch(live: unknown, wanted: unknown): unknown {
  if (!isRecord(live) || !isRecord(wanted)) return wanted
  const patch: Record<string, unknown> = {}
  for (const key of Object.keys(live)) if (wanted[key] === undefined && live[key] != null) patch[key] = null
  for (const [key, value] of Object.entries(wanted)) if (value !== undefined) patch[key] = mergePatch(live[key], value)
  return patch
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

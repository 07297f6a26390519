const units = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/**
 * A duration as PromQL takes it: a whole number of one unit (`1m`, `90s`, `1500ms`), never a fraction
 * (https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations). At least one millisecond.
 */
export function prometheusDuration(milliseconds: number): string {
  const whole = Math.max(1, Math.round(milliseconds))
  const exact = units.find(([, size]) => whole % size === 0)
  return exact === undefined ? `${whole}ms` : `${whole / exact[1]}${exact[0]}`
}

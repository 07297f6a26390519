/** Suffixes of a Kubernetes Quantity that weights are written with, as powers of ten. */
const suffixes: Readonly<Record<string, number>> = { m: -3, '': 0, k: 3 }

/**
 * A weight in thousandths: whole numbers as TrafficSplits have them since v1alpha2, and Quantities as in v1alpha1 (`500m`,
 * `0.5`, `1`). Exact: `500m` and `0.5` are 500, `1` is 1000. Undefined for what is no weight: negative, finer than a thousandth,
 * beyond exact integers, or no quantity at all.
 */
export function parseWeight(value: unknown): number | undefined {
  const parts = /^\+?(\d*)(?:\.(\d*))?(m|k|)$/.exec(
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '-',
  )
  if (parts === null) return undefined
  const [, whole = '', fraction = '', suffix = ''] = parts
  if (whole === '' && fraction === '') return undefined
  const shift = 3 + (suffixes[suffix] ?? 0)
  const padded = fraction.padEnd(shift, '0')
  if (/[1-9]/.test(padded.slice(shift))) return undefined
  const thousandths = Number(`${whole}${padded.slice(0, shift)}`)
  return Number.isSafeInteger(thousandths) ? thousandths : undefined
}

/** Weights in thousandths as the smallest whole numbers people would have written: in ones where all are whole. */
export function wholeWeights(thousandths: readonly number[]): number[] {
  return thousandths.every((weight) => weight % 1000 === 0)
    ? thousandths.map((weight) => weight / 1000)
    : [...thousandths]
}

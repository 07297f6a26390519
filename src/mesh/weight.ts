/** Suffixes of a Kubernetes Quantity as powers of ten, and as powers of two in its binary notation (apimachinery, resource.Quantity). */
const decimals: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const binaries: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }

/** More digits than any weight has, and few enough to calculate with. */
const longest = 40

/**
 * A weight in thousandths: whole numbers as TrafficSplits have them since v1alpha2, and Quantities as in v1alpha1 (`500m`,
 * `0.5`, `1`). Exact: `500m` and `0.5` are 500, `1` is 1000. Undefined for what is no weight: negative, finer than a thousandth,
 * beyond exact integers, or no quantity at all.
 */
export function parseWeight(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '-'
  const parts = /^\+?(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i|)|[eE]([-+]?\d{1,3}))$/.exec(text)
  if (parts === null || text.length > longest) return undefined
  const [, whole = '', fraction = '', suffix = '', exponent] = parts
  if (whole === '' && fraction === '') return undefined
  const tens = 3 - fraction.length + (exponent === undefined ? (decimals[suffix] ?? 0) : Number(exponent))
  const digits = BigInt(`${whole}${fraction}`) << BigInt(binaries[suffix] ?? 0)
  const scale = 10n ** BigInt(Math.abs(tens))
  if (tens < 0 && digits % scale !== 0n) return undefined
  const thousandths = Number(tens < 0 ? digits / scale : digits * scale)
  return Number.isSafeInteger(thousandths) ? thousandths : undefined
}

/** Weights in thousandths as the smallest whole numbers people would have written: in ones where all are whole. */
export function wholeWeights(thousandths: readonly number[]): number[] {
  return thousandths.every((weight) => weight % 1000 === 0)
    ? thousandths.map((weight) => weight / 1000)
    : [...thousandths]
}

import { expect } from 'vitest'
import type { Answer } from './client.ts'

/** How many requests a share is measured over. */
export const sampleSize = 2_000

/** Answers by who gave them: a backend's Service, or whoever failed with a status, of a call with a code. */
export function countByPlace(answers: readonly Answer[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const answer of answers) counts.set(placeOf(answer), (counts.get(placeOf(answer)) ?? 0) + 1)
  return counts
}

export function placeOf({ status, grpcStatus = 0, echo }: Answer): string {
  if (grpcStatus !== 0) return `code ${grpcStatus}`
  return echo === undefined || status !== 200 ? `status ${status}` : echo.service
}

/**
 * Measures the shares of `weights` and compares them: each within three standard errors of its weight, a weight of zero and a backend
 * without one exactly nothing. One right share in 370 is farther off than that by chance, so that a sample that fails is followed by
 * four more, which are judged together: a right share fails here once in 137,000, and one that is wrong by more than the first sample
 * can tell stands out twice as clearly. Gives the counts of what was judged last.
 */
export async function expectShares(
  weights: Readonly<Record<string, number>>,
  measure: () => Promise<readonly Answer[]>,
): Promise<Map<string, number>> {
  let counts = countByPlace(await measure())
  if (deviations(weights, counts).length > 0) {
    const more: Answer[] = []
    for (let sample = 0; sample < 4; sample += 1) more.push(...(await measure()))
    counts = countByPlace(more)
  }
  expect(deviations(weights, counts), `of ${JSON.stringify(Object.fromEntries(counts))}`).toEqual([])
  return counts
}

function deviations(weights: Readonly<Record<string, number>>, counts: ReadonlyMap<string, number>): string[] {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  const size = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const places = new Set([...Object.keys(weights), ...counts.keys()])
  return [...places].flatMap((place) => {
    const share = (weights[place] ?? 0) / total
    const observed = (counts.get(place) ?? 0) / size
    const standardError = Math.sqrt((share * (1 - share)) / size)
    if (Math.abs(observed - share) <= 3 * standardError) return []
    return [`${place} has ${observed.toFixed(4)} instead of ${share.toFixed(4)} ± ${(3 * standardError).toFixed(4)}`]
  })
}

/** One share of `size` draws: within three standard errors of `percent`; drawn again as `expectShares` does. */
export async function expectShare(
  percent: number,
  measure: () => Promise<{ hits: number; of: number }>,
): Promise<void> {
  const isNear = ({ hits, of }: { hits: number; of: number }) => {
    const share = percent / 100
    return Math.abs(hits / of - share) <= 3 * Math.sqrt((share * (1 - share)) / of)
  }
  let drawn = await measure()
  if (!isNear(drawn)) {
    const more = [await measure(), await measure(), await measure(), await measure()]
    drawn = more.reduce((sum, one) => ({ hits: sum.hits + one.hits, of: sum.of + one.of }))
  }
  expect({ ...drawn, near: isNear(drawn) }, `${percent} % was asked for`).toMatchObject({ near: true })
}

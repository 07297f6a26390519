import { expect } from 'vitest'
import type { Answer } from './client.ts'

/** How many requests a share is measured over. */
export const sampleSize = 2_000

/** Answers by who gave them: a backend's Service, or the proxy with a status. */
export function countByPlace(answers: readonly Answer[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const answer of answers) counts.set(placeOf(answer), (counts.get(placeOf(answer)) ?? 0) + 1)
  return counts
}

export function placeOf({ status, echo }: Answer): string {
  return echo === undefined || status !== 200 ? `status ${status}` : echo.service
}

/**
 * Measures the shares of `weights` and compares them: each within three standard errors of its weight, a weight of zero and a backend
 * without one exactly nothing. One honest share in 370 is farther off than that, so that a sample that fails is drawn once more; a
 * wrong weight fails twice. Gives the counts of the last sample.
 */
export async function expectShares(
  weights: Readonly<Record<string, number>>,
  measure: () => Promise<readonly Answer[]>,
): Promise<Map<string, number>> {
  let counts = countByPlace(await measure())
  if (deviations(weights, counts).length > 0) counts = countByPlace(await measure())
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

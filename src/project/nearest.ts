/**
 * ` (did you mean "deployments"?)` for the candidate that a typing slip away from `word` would be, or an empty text.
 * A third of the letters may differ, at least one; case does not count.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const bound = Math.max(1, Math.floor(word.length / 3))
  let best: { candidate: string; distance: number } | undefined
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), best?.distance ?? bound + 1)
    if (distance <= bound && (best === undefined || distance < best.distance)) best = { candidate, distance }
  }
  return best === undefined ? '' : ` (did you mean "${best.candidate}"?)`
}

/**
 * Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string alignment).
 * Gives up and returns `limit` as soon as the distance cannot be below it.
 */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) >= limit) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1
      let distance = Math.min(
        (last[column] ?? limit) + 1,
        (current[column - 1] ?? limit) + 1,
        (last[column - 1] ?? limit) + cost,
      )
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        distance = Math.min(distance, (beforeLast[column - 2] ?? limit) + 1)
      }
      current.push(distance)
    }
    if (Math.min(...current) >= limit) return limit
    beforeLast = last
    last = current
  }
  return last[to.length] ?? limit
}

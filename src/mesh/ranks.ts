/** How specific a match is, by a mesh's own order: the most significant number first, and the greatest goes first. */
type Rank = readonly number[]

/** Negative when `a` goes first, 0 for equals, NaN where one of the ranks is not known. */
export function compareRanks(a: Rank | undefined, b: Rank | undefined): number {
  if (a === undefined || b === undefined) return Number.NaN
  for (const [index, rank] of a.entries()) {
    const difference = (b[index] ?? 0) - rank
    if (difference !== 0) return difference
  }
  return 0
}

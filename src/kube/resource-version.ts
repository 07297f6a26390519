/**
 * Whether `candidate` is a later version of an object than `known`. Versions are integers without a bound, comparable within
 * one kind (KEP-5504); a server whose versions are not numbers gets the benefit of the doubt.
 */
export function isNewer(candidate: string | undefined, known: string | undefined): boolean {
  if (candidate === known) return false
  if (candidate === undefined || known === undefined) return true
  if (!/^\d+$/.test(candidate) || !/^\d+$/.test(known)) return true
  return BigInt(candidate) > BigInt(known)
}

/** Status codes that are registered (IANA, HTTP Status Code Registry), by first digit, in ranges. */
const registered: readonly (readonly [number, number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
]

/** Whether a status code means something; istiod takes no other one for a condition of retries. */
export function isRegisteredStatus(status: number): boolean {
  return registered.some(([first, last]) => first <= status && status <= last)
}

import type { MeshAdapter } from '../mesh/adapter.ts'
import { accessLaws } from './access-laws.ts'
import { connectionLaws } from './connection-laws.ts'
import { corpusLaws } from './corpus.ts'
import { faithfulLaws } from './faithful-laws.ts'
import { honestLaws } from './honest-laws.ts'
import type { Law } from './law.ts'
import { limitLaws } from './limit-laws.ts'
import { pureLaws } from './pure-laws.ts'

/**
 * Everything that `MeshAdapter` promises, as laws that can be checked. `peers` are the adapters with which traffic is
 * exchanged, there and back.
 */
export function adapterLaws(adapter: MeshAdapter, peers: readonly MeshAdapter[] = []): Law[] {
  return [
    ...honestLaws(adapter),
    ...corpusLaws(adapter),
    ...faithfulLaws(adapter, peers),
    ...pureLaws(adapter),
    ...connectionLaws(adapter, peers),
    ...accessLaws(adapter),
    ...limitLaws(adapter),
  ]
}

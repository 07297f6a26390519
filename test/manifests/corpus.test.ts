import { describe, expect, test } from 'vitest'
import { parseManifests } from '../../src/manifests/parse-manifests.ts'
import { validateManifest } from '../../src/manifests/validate-manifests.ts'
import { gatewayApi, istio, linkerd, smi } from '../adapters/adapters.ts'
import { corpus } from '../support/corpus.ts'

const readings = [istio, gatewayApi, linkerd, smi].map(({ reading }) => reading)

/** That real servers judge these files in the same way is shown by the tests of admission beside those servers. */
describe('an object of the corpus', () => {
  test.each(corpus.map((file) => [file.name, file] as const))('%s', (name, { text, refused, lines }) => {
    const { manifests, problems } = parseManifests(text, name, 'default')
    const found = [...problems, ...manifests.flatMap((manifest) => validateManifest(manifest, readings))]
    if (!refused) expect(found).toEqual([])
    else expect([...new Set(found.map(({ position }) => position?.line))]).toEqual(lines)
  })
})

import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { stringify } from 'yaml'
import { comparable } from '../../src/adapter-kit/comparable-decision.ts'
import { translateManifests } from '../../src/cli/translate/translate-manifests.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { parseManifests } from '../../src/manifests/parse-manifests.ts'
import { givenServices } from '../../src/manifests/services.ts'
import { validateManifest } from '../../src/manifests/validate-manifests.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { groupKind } from '../../src/mesh/object-reading.ts'
import type { MeshRequest, RoutingDecision } from '../../src/mesh/routing.ts'
import { builtInMeshes } from '../../src/meshes.ts'
import { peoplesRequest, peoplesRoutes, peoplesServices } from '../support/people-routes.ts'

const meshes = builtInMeshes.map((provider) => provider.create({ clusterDomain: 'cluster.local', apiVersions: {} }))
const decide = (mesh: MeshAdapter, request: MeshRequest, objects: readonly KubeObject[]): RoutingDecision =>
  mesh.route(
    request,
    objects.filter((one) => mesh.reading.follows.includes(groupKind(one))),
    // Services are printed along, such as those that stand in for faults.
    givenServices([...peoplesServices, ...objects]),
  )

describe.each(peoplesRoutes)('what people write as a %s', (_kind, name, objects) => {
  const source = meshes.find((mesh) => mesh.name === name)
  let carried = 0

  test.prop([objects, fc.array(peoplesRequest, { minLength: 8, maxLength: 8 })], { numRuns: 40 })(
    `sends a request to the same place from ${name} as from each mesh that it is translated to, or is refused with its place`,
    (given, requests) => {
      const text = [...peoplesServices, ...given].map((one) => stringify(one, { compat: 'yaml-1.1' })).join('---\n')
      const { manifests, problems } = parseManifests(text, 'objects.yaml', 'default')
      const readings = meshes.map(({ reading }) => reading)
      expect([...problems, ...manifests.flatMap((one) => validateManifest(one, readings))]).toEqual([])
      for (const target of meshes) {
        const translated = translateManifests(manifests, { target, adapters: meshes })
        expect(translated.problems.every(({ position }) => position?.file === 'objects.yaml')).toBe(true)
        if (source === undefined || translated.problems.length > 0) continue
        carried++
        for (const request of requests) {
          const before = decide(source, request, given)
          // Where `ap route` says that it does not know there is nothing to compare.
          if (before.unfollowed !== undefined) continue
          expect(
            comparable(decide(target, request, translated.objects)),
            `${target.name} ${JSON.stringify(request)}`,
          ).toEqual(comparable(before))
        }
      }
    },
  )

  test('is carried often enough for that to mean something', () => {
    expect(carried).toBeGreaterThan(20)
  })
})

import fc from 'fast-check'
import type { WorkloadAccess } from '../mesh/access.ts'
import { checkAccess, checkMtls } from '../mesh/access-check.ts'
import { decideAccess } from '../mesh/access-decision.ts'
import { accessFeaturesOf } from '../mesh/access-features.ts'
import { normalAccess, withPortsNamed } from '../mesh/access-normal-form.ts'
import type { MeshAdapter } from '../mesh/adapter.ts'
import type { AccessFeature } from '../mesh/capabilities.ts'
import { type MtlsPolicy, normalMtls } from '../mesh/mtls.ts'
import { describePath } from '../mesh/object-reading.ts'
import { accessCall, declaredPorts, mtlsPolicy, workloadAccess, workloadsFor } from './access-arbitraries.ts'
import { difference, generatedLaw, type Law, sameData, singleLaw } from './law.ts'
import { damage, spoiled } from './spoiled-objects.ts'

/**
 * What `AccessAdapter` and `MtlsAdapter` promise: that who may call whom is read back as it was asked, means on the mesh what it means
 * in neutral words, and is refused where it cannot be carried.
 */
export function accessLaws(adapter: MeshAdapter): Law[] {
  return [refusesAccess(adapter), ...carriedAccess(adapter), ...mtlsLaws(adapter)]
}

function refusesAccess(adapter: MeshAdapter): Law {
  const workloads = workloadsFor(adapter)
  const cases = workloadAccess().map((access) => ({ access }))
  return generatedLaw('refuses access that it cannot carry, and says why', 100, cases, ({ access }) => {
    const problems = checkAccess(access, adapter, workloads)
    const mute = problems.filter(({ code, remedy }) => !code.startsWith('AP2') || remedy === '')
    if (mute.length > 0) return { problem: 'a refusal says nothing', diagnostics: mute }
    const lost = unsupportedIn(adapter, accessFeaturesOf(normalAccess(access)))
    return lost.length > 0 && problems.length === 0 ? { problem: 'not refused', features: lost } : undefined
  })
}

function carriedAccess(adapter: MeshAdapter): Law[] {
  const { access: own, reading } = adapter
  if (own === undefined) return []
  const checked = checkedAccess(adapter)
  const workloads = workloadsFor(adapter)
  const cases = checked.map((access) => ({ access }))
  return [
    generatedLaw('reads access back as the normal form', 150, cases, ({ access }) => {
      const objects = own.translate(access, workloads)
      const { accesses, problems } = own.observe(objects, workloads)
      const expected = { accesses: [comparable(access, adapter)], problems: [] }
      const found = difference(expected, { accesses: accesses.map((one) => comparable(one, adapter)), problems })
      return found && { objects, ...found }
    }),
    generatedLaw(
      'lets in whom the neutral meaning lets in',
      150,
      fc.record({ access: checked, calls: fc.array(accessCall(), { minLength: 20, maxLength: 20 }) }),
      ({ access, calls }) => {
        const objects = own.translate(access, workloads)
        const { accesses } = own.observe(objects, workloads)
        for (const call of calls) {
          const expected = decideAccess(call, [access])
          const decided = own.decide(call, objects, workloads)
          // What is left to the mesh is let in as if there were no policy.
          const mesh = expected === undefined && decided === true ? undefined : decided
          const found = difference({ read: expected, mesh: expected }, { read: decideAccess(call, accesses), mesh })
          // The list that it was found in says nothing.
          if (found !== undefined) return { calls: undefined, call, objects, ...found }
        }
        return undefined
      },
    ),
    generatedLaw('access that it calls unsupported reaches no object', 100, cases, ({ access }) => {
      const objects = own.translate(access, workloads)
      const observed = own.observe(objects, workloads).accesses
      const features = observed.flatMap((one) => unsupportedIn(adapter, accessFeaturesOf(normalAccess(one))))
      return features.length === 0 ? undefined : { objects, features }
    }),
    generatedLaw('writes valid objects for access, the same each time and each once', 50, cases, ({ access }) => {
      const objects = own.translate(access, workloads)
      const again = own.translate(structuredClone(access), workloads)
      if (JSON.stringify(objects) !== JSON.stringify(again)) return { objects, again }
      const places = objects.map(({ apiVersion, kind }) =>
        own.kinds.findIndex((one) => one.kind === kind && `${one.group}/${one.version}` === apiVersion),
      )
      const inOrder = places.toSorted((a, b) => a - b)
      if (places.includes(-1) || !sameData(places, inOrder))
        return { problem: 'not of its kinds, or not in their order', objects, kinds: own.kinds }
      const keys = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)
      if (new Set(keys).size < keys.length) return { problem: 'an object is there twice', objects }
      const problems = objects.flatMap((object) =>
        reading.validate(object).map(({ path, problem }) => `${object.kind} ${describePath(path)}: ${problem}`),
      )
      return problems.length === 0 ? undefined : { objects, problems }
    }),
    generatedLaw(
      'stands whatever its objects about access hold',
      100,
      fc.record({ access: checked, damage, call: accessCall() }),
      ({ access, damage: one, call }) => {
        const objects = spoiled(own.translate(access, workloads), one)
        own.observe(objects, workloads)
        own.decide(call, objects, workloads)
        for (const object of objects) reading.validate(object)
        return undefined
      },
    ),
    singleLaw('takes enough generated access for its laws to mean something', () => {
      const sample = fc.sample(workloadAccess(adapter.capabilities), { numRuns: 200, seed: 1 })
      const taken = sample.filter((access) => checkAccess(access, adapter, workloads).length === 0).length
      return taken > 40 ? undefined : { generated: sample.length, taken }
    }),
  ]
}

function mtlsLaws(adapter: MeshAdapter): Law[] {
  const { mtls, reading } = adapter
  if (mtls === undefined) return []
  const workloads = workloadsFor(adapter)
  const policies = mtlsPolicy(adapter.capabilities).filter(
    (policy) => checkMtls(policy, [], adapter, workloads).length === 0,
  )
  return [
    generatedLaw(
      'reads mutual TLS back as the normal form, from valid objects',
      100,
      policies.map((policy) => ({ policy })),
      ({ policy }) => {
        const objects = mtls.translate(policy, workloads)
        const observed = mtls.observe(objects, workloads)
        const found = difference(
          { policies: [byPort(policy, adapter)], problems: [], invalid: [] },
          {
            policies: observed.policies.map((one) => byPort(one, adapter)),
            problems: observed.problems,
            invalid: objects.flatMap((object) => reading.validate(object)),
          },
        )
        return found && { objects, ...found }
      },
    ),
    generatedLaw(
      'stands whatever its objects about mutual TLS hold',
      50,
      fc.record({ policy: policies, damage }),
      ({ policy, damage: one }) => {
        const objects = spoiled(mtls.translate(policy, workloads), one)
        mtls.observe(objects, workloads)
        for (const object of objects) reading.validate(object)
        return undefined
      },
    ),
  ]
}

/** Access that the adapter may be given: it passed the check. */
function checkedAccess(adapter: MeshAdapter): fc.Arbitrary<WorkloadAccess> {
  const workloads = workloadsFor(adapter)
  return workloadAccess(adapter.capabilities).filter((access) => checkAccess(access, adapter, workloads).length === 0)
}

function unsupportedIn({ capabilities }: MeshAdapter, features: Iterable<AccessFeature>): AccessFeature[] {
  return [...features].filter((feature) => capabilities[feature].support === 'unsupported')
}

/** The normal form, with the ports named where the mesh's objects are about one port each. */
function comparable(access: WorkloadAccess, { access: own }: MeshAdapter): WorkloadAccess {
  return normalAccess(own?.perPort === undefined ? access : withPortsNamed(access, declaredPorts))
}

/** The normal form, as the modes of the declared ports where the mesh's objects are about one port each. */
function byPort(policy: MtlsPolicy, { mtls }: MeshAdapter): object {
  if (mtls?.perPort === undefined) return normalMtls(policy)
  const { mode, ports, ...rest } = policy
  return { ...rest, ports: Object.fromEntries(declaredPorts.map((port) => [port, ports[String(port)] ?? mode])) }
}

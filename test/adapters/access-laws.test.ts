import { fc, test } from '@fast-check/vitest'
import { AuthorizationPolicy } from '@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy'
import { PeerAuthentication } from '@kubernetes-models/istio/security.istio.io/v1/PeerAuthentication'
import { describe, expect } from 'vitest'
import type { WorkloadAccess } from '../../src/mesh/access.ts'
import { checkAccess, checkMtls } from '../../src/mesh/access-check.ts'
import { normalAccess, withPortsNamed } from '../../src/mesh/access-normal-form.ts'
import type { MeshAdapter } from '../../src/mesh/adapter.ts'
import { type MtlsPolicy, normalMtls } from '../../src/mesh/mtls.ts'
import { declaredPorts, generatedWorkloads, mtlsPolicy, workloadAccess } from '../support/access-arbitraries.ts'
import { adapters, istio } from './adapters.ts'

const controlling = adapters.filter(([, { access }]) => access !== undefined)
const securing = adapters.filter(([, { mtls }]) => mtls !== undefined)

function checked(adapter: MeshAdapter): fc.Arbitrary<WorkloadAccess> {
  return workloadAccess(adapter.capabilities).filter(
    (access) => checkAccess(access, adapter, generatedWorkloads).length === 0,
  )
}

/** The normal form, with the ports named where the mesh's objects are about one port each. */
function comparable(access: WorkloadAccess, { access: own }: MeshAdapter): WorkloadAccess {
  return normalAccess(own?.perPort === undefined ? access : withPortsNamed(access, declaredPorts))
}

describe.each(controlling)('access on %s', (_name, adapter) => {
  test.prop([checked(adapter)], { numRuns: 200 })('reads back what it wrote as the normal form', (access) => {
    const observed = adapter.access?.observe(adapter.access.translate(access, generatedWorkloads), generatedWorkloads)
    expect(observed?.problems).toEqual([])
    expect(observed?.accesses.map((one) => comparable(one, adapter))).toEqual([comparable(access, adapter)])
  })

  test.prop([checked(adapter)], { numRuns: 50 })('writes the same objects each time, each once', (access) => {
    const objects = adapter.access?.translate(access, generatedWorkloads) ?? []
    expect(JSON.stringify(adapter.access?.translate(structuredClone(access), generatedWorkloads))).toBe(
      JSON.stringify(objects),
    )
    const kinds = adapter.access?.kinds.map(({ kind }) => kind) ?? []
    const order = objects.map(({ kind }) => kinds.indexOf(kind))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order).not.toContain(-1)
    expect(new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(objects.length)
  })

  test.prop([workloadAccess()], { numRuns: 100 })(
    'is refused with diagnostics where it cannot be carried',
    (access) => {
      const problems = checkAccess(access, adapter, generatedWorkloads)
      expect(problems.filter(({ code, remedy }) => !code.startsWith('AP21') || remedy === '')).toEqual([])
    },
  )

  test('lets enough generated access through for the laws to mean something', () => {
    const sample = fc.sample(workloadAccess(adapter.capabilities), { numRuns: 200, seed: 1 })
    const passed = sample.filter((access) => checkAccess(access, adapter, generatedWorkloads).length === 0)
    expect(passed.length).toBeGreaterThan(40)
  })
})

test.prop([workloadAccess()], { numRuns: 200 })('the normal form of a normal form is itself', (access) => {
  expect(normalAccess(normalAccess(access))).toEqual(normalAccess(access))
})

test.each(adapters.filter(([, { access }]) => access === undefined))(
  '%s refuses every access policy',
  (_name, adapter) => {
    const [access] = fc.sample(workloadAccess(), { numRuns: 1, seed: 1 })
    const problems = access === undefined ? [] : checkAccess(access, adapter, generatedWorkloads)
    expect(problems[0]).toMatchObject({ code: 'AP2101' })
  },
)

describe.each(securing)('mutual TLS on %s', (_name, adapter) => {
  const policies = mtlsPolicy(adapter.capabilities).filter(
    (policy) => checkMtls(policy, [], adapter, generatedWorkloads).length === 0,
  )

  test.prop([policies], { numRuns: 100 })('reads back what it wrote as the normal form', (policy) => {
    const observed = adapter.mtls?.observe(adapter.mtls.translate(policy, generatedWorkloads), generatedWorkloads)
    expect(observed?.problems).toEqual([])
    expect(observed?.policies.map((one) => byPort(one, adapter))).toEqual([byPort(policy, adapter)])
  })
})

/** The normal form, as the modes of the declared ports where the mesh's objects are about one port each. */
function byPort(policy: MtlsPolicy, { mtls }: MeshAdapter): object {
  if (mtls?.perPort === undefined) return normalMtls(policy)
  const { mode, ports, ...rest } = policy
  return { ...rest, ports: Object.fromEntries(declaredPorts.map((port) => [port, ports[String(port)] ?? mode])) }
}

describe('objects pass the validators made from the real schemas', () => {
  test.prop([checked(istio)], { numRuns: 100 })('AuthorizationPolicies', (access) => {
    for (const object of istio.access?.translate(access, generatedWorkloads) ?? [])
      new AuthorizationPolicy(structuredClone(object) as never).validate()
  })

  test.prop([mtlsPolicy(istio.capabilities)], { numRuns: 50 })('PeerAuthentications', (policy) => {
    for (const object of istio.mtls?.translate(policy, generatedWorkloads) ?? [])
      new PeerAuthentication(structuredClone(object) as never).validate()
  })
})

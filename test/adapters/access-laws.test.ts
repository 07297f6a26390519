import { fc, test } from '@fast-check/vitest'
import { AuthorizationPolicy } from '@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy'
import { PeerAuthentication } from '@kubernetes-models/istio/security.istio.io/v1/PeerAuthentication'
import { describe, expect } from 'vitest'
import {
  generatedWorkloads,
  mtlsPolicy,
  workloadAccess,
  workloadsFor,
} from '../../src/adapter-kit/access-arbitraries.ts'
import { checkAccess } from '../../src/mesh/access-check.ts'
import { normalAccess } from '../../src/mesh/access-normal-form.ts'
import { adapters, istio, istioAmbient } from './adapters.ts'

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

describe('objects pass the validators made from the real schemas', () => {
  describe.each([istio, istioAmbient])('for $name', (adapter) => {
    const workloads = workloadsFor(adapter)
    const carried = workloadAccess(adapter.capabilities).filter(
      (access) => checkAccess(access, adapter, workloads).length === 0,
    )
    test.prop([carried], { numRuns: 100 })('AuthorizationPolicies', (access) => {
      for (const object of adapter.access?.translate(access, workloads) ?? [])
        new AuthorizationPolicy(structuredClone(object) as never).validate()
    })
  })

  test.prop([mtlsPolicy(istio.capabilities)], { numRuns: 50 })('PeerAuthentications', (policy) => {
    for (const object of istio.mtls?.translate(policy, generatedWorkloads) ?? [])
      new PeerAuthentication(structuredClone(object) as never).validate()
  })
})

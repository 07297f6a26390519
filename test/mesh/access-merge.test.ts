import { describe, expect, test } from 'vitest'
import { mergePolicies } from '../../src/mesh/access-merge.ts'
import type { NeutralOutputs } from '../../src/mesh/outputs.ts'

const account = (name: string) => ({ kind: 'ServiceAccount' as const, name })
const target = { name: 'front', destination: account('cart'), sources: [account('front')] }
const route = (name: string, ...ports: number[]) => ({ name, matches: { ports } })
const by = (...names: string[]) => names.map((name) => ({ kind: 'TCPRoute' as const, name }))

/** What is granted, or the codes of what is wrong. */
function granted(...all: NeutralOutputs[]) {
  const requests = all.map((outputs, index) => ({ source: `Flow shop/${index}`, namespace: 'shop', outputs }))
  const { accesses, diagnostics } = mergePolicies(requests)
  if (diagnostics.length > 0) return diagnostics.map(({ code }) => code)
  return accesses.flatMap(({ what }) => what.grants.map(({ ports, matches }) => ({ ports, matches })))
}

describe('a TCPRoute among the rules of a TrafficTarget', () => {
  test('says on which ports whatever is sent is let in, those of all the routes together', () => {
    const traffictargets = [{ ...target, rules: by('web', 'db') }]
    const tcproutes = [route('web', 8080), route('db', 5432, 8080)]
    expect(granted({ traffictargets, tcproutes })).toEqual([{ ports: [5432, 8080] }])
  })

  test('means every port when it names none', () => {
    const traffictargets = [{ ...target, rules: by('web', 'all') }]
    expect(granted({ traffictargets, tcproutes: [route('web', 8080), route('all')] })).toEqual([{}])
  })

  test('has to hold together with conditions on requests', () => {
    const traffictargets = [{ ...target, rules: [...by('web'), { methods: ['GET'] }] }]
    expect(granted({ traffictargets, tcproutes: [route('web', 8080)] })).toEqual([
      { ports: [8080], matches: [{ methods: ['GET'] }] },
    ])
  })

  test('may be of another resource in the namespace, and the own one goes first', () => {
    const traffictargets = [{ ...target, rules: by('web') }]
    expect(granted({ traffictargets }, { tcproutes: [route('web', 8080)] })).toEqual([{ ports: [8080] }])
    expect(granted({ tcproutes: [route('web', 1)] }, { traffictargets, tcproutes: [route('web', 2)] })).toEqual([
      { ports: [2] },
    ])
  })

  test('that is missing, malformed or beside `ports` lets nobody in', () => {
    const traffictargets = [{ ...target, rules: by('web') }]
    expect(granted({ traffictargets })).toEqual(['AP2162'])
    expect(granted({ traffictargets }, { tcproutes: [{ ...route('web', 8080), namespace: 'ops' }] })).toEqual([
      'AP2162',
    ])
    expect(granted({ traffictargets, tcproutes: [route('web', 0)] })).toContain('AP2104')
    const beside = [{ ...target, ports: [8080], rules: by('web') }]
    expect(granted({ traffictargets: beside, tcproutes: [route('web', 8080)] })).toContain('AP2104')
  })
})

import { describe, expect, test } from 'vitest'
import { isNeutral, kindsOf, parameterNames } from '../../src/project/native-kinds.ts'
import { didYouMean } from '../../src/project/nearest.ts'

const gateways = {
  lowerName: 'gateways',
  singleName: 'Gateway',
  pluralName: 'Gateways',
  apiGroup: 'gateway.networking.k8s.io',
  version: 'v1',
  namespaced: true,
}

describe('names of inputs and outputs', () => {
  test('every built-in name of the original has its kind', () => {
    const kinds = kindsOf({ customParameters: [] })
    const original = 'events configmaps services pods jobs deployments replicasets virtualservices gateways'.split(' ')
    expect(original.map((name) => kinds.get(name)?.kind)).toEqual(
      'Event ConfigMap Service Pod Job Deployment ReplicaSet VirtualService Gateway'.split(' '),
    )
    expect(kinds.get('deployments')).toEqual({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      plural: 'deployments',
      namespaced: true,
    })
  })

  test('a custom parameter is a kind too, and takes the place of a built-in one of its name', () => {
    expect(kindsOf({ customParameters: [gateways] }).get('gateways')?.group).toBe('gateway.networking.k8s.io')
  })

  test('the neutral names are kinds of no API and stand on both sides; metrics only in inputs', () => {
    expect(['trafficsplits', 'httproutegroups', 'deployments', 'metrics'].map(isNeutral)).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(kindsOf({ customParameters: [] }).has('trafficsplits')).toBe(false)
    expect(parameterNames('inputs', [])).toContain('metrics')
    expect(parameterNames('outputs', [])).not.toContain('metrics')
    expect(parameterNames('outputs', ['widgets'])).toEqual(expect.arrayContaining(['trafficsplits', 'widgets']))
  })
})

describe('did you mean', () => {
  test.each([
    ['deployment', ' (did you mean "deployments"?)'],
    ['Deployments', ' (did you mean "deployments"?)'],
    ['podz', ' (did you mean "pods"?)'],
    ['srevices', ' (did you mean "services"?)'],
    ['widgets', ''],
    ['', ''],
  ])('%j suggests%s', (word, hint) => {
    expect(didYouMean(word, ['pods', 'services', 'deployments'])).toBe(hint)
  })
})

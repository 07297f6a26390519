import { describe, expect, test } from 'vitest'
import { istioProvider } from '../../../adapters/istio/index.ts'
import { smiProvider } from '../../../adapters/smi/index.ts'
import { planDemo } from '../../../src/cli/demo/options.ts'
import { UsageError } from '../../../src/cli/io.ts'

const providers = [istioProvider, smiProvider]
const plan = (options: Parameters<typeof planDemo>[0]) => planDemo(options, providers)

describe('the options of the demo', () => {
  test('are every mesh, a good and a bad version, as fast as it goes', () => {
    expect(plan({})).toEqual({
      providers,
      scenarios: ['good', 'bad'],
      speed: undefined,
      seed: 1,
      serve: false,
      format: 'text',
    })
  })

  test('take lists with commas or repeated, in any case and order', () => {
    expect(plan({ mesh: ['SMI,Istio', 'smi'] }).providers.map(({ name }) => name)).toEqual(['smi', 'istio'])
    expect(plan({ scenario: ['no-traffic', 'bad'] }).scenarios).toEqual(['no-traffic', 'bad'])
  })

  test('refuse what there is not, and say what there is', () => {
    const refused = (options: Parameters<typeof planDemo>[0], message: string) =>
      expect(() => plan(options)).toThrow(new UsageError(message))
    refused({ mesh: ['isto'] }, 'there is no mesh "isto" (did you mean "istio"?); there are istio, smi')
    refused({ scenario: ['fine'] }, 'there is no scenario "fine"; there are good, bad, no-traffic')
    refused({ speed: '0' }, '--speed "0" is not a number above 0')
    refused({ speed: 'fast' }, '--speed "fast" is not a number above 0')
    refused({ seed: '1.5' }, '--seed "1.5" is not a whole number from 0')
    refused({ seed: '' }, '--seed "" is not a whole number from 0')
    refused({ output: 'yaml' }, '-o yaml is not a format; there are text, json')
  })
})

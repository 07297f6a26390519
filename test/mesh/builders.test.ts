import { describe, expect, test } from 'vitest'
import schema from '../../schemas/outputs.schema.json' with { type: 'json' }
import * as builders from '../../src/mesh/builders.ts'
import { type NeutralOutputs, outputKinds } from '../../src/mesh/outputs.ts'

/** The builder of each output is named as its elements are. */
const byOutput = new Map(
  Object.entries(outputKinds).map(([output, kind]) => {
    const name = kind.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (start) => start.toLowerCase())
    return [output, Reflect.get(builders, name) as ((value: unknown) => unknown) | undefined]
  }),
)

describe.each(Object.keys(outputKinds) as (keyof NeutralOutputs)[])('the builder of %s', (output) => {
  const build = byOutput.get(output)
  const name = schema.properties[output].items.$ref.replace('#/definitions/', '')
  const { examples } = Reflect.get(schema.definitions, name) as { examples: object[] }

  test('takes the examples of the reference as they are', () => {
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(build?.(example)).toBe(example)
  })

  test('refuses a field that there is not, and names it', () => {
    expect(() => build?.({ ...examples[0], colour: 'red' })).toThrow(/AP2104 .*colour/)
  })

  test('refuses what is no object', () => {
    expect(() => build?.('web')).toThrow(/AP2104|AP2117/)
  })
})

test('a split that could not be applied does not get out of the worker', () => {
  const backends = [{ service: 'web-v1', weight: -1 }]
  expect(() => builders.trafficSplit({ name: 'web', service: 'web', backends })).toThrow(
    /^AP2109 TrafficSplit: TrafficSplit web .*web-v1/,
  )
})

import nodeTest from 'node:test'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { adapterLaws, describeAdapter, LawBroken, type TestRunner } from '../../src/adapter-kit/index.ts'
import type { AccessAdapter } from '../../src/mesh/access-adapter.ts'
import type { MeshAdapter, MeshProvider } from '../../src/mesh/adapter.ts'
import type { Capabilities } from '../../src/mesh/capabilities.ts'
import { native, unsupported } from '../../src/mesh/capabilities.ts'
import { fieldsOf, listOf } from '../../src/mesh/fields.ts'
import type { PodLimit } from '../../src/mesh/pod-limits.ts'
import type { PodLimitsAdapter } from '../../src/mesh/pod-limits-adapter.ts'
import { gatewayApi, istio, istioAmbient, kuma, linkerd } from '../adapters/adapters.ts'

/** What a law says of an adapter; undefined when it holds. */
function complaint(name: string, adapter: MeshAdapter, peers: readonly MeshAdapter[] = []): string | undefined {
  const law = adapterLaws(adapter, peers).find((one) => one.name === name)
  if (law === undefined) throw new Error(`there is no law "${name}"`)
  try {
    law.check({ seed: 7 })
    return undefined
  } catch (error) {
    if (error instanceof LawBroken) return error.message
    throw error
  }
}

function withRow(adapter: MeshAdapter, row: Partial<Capabilities>): MeshAdapter {
  return { ...adapter, capabilities: { ...adapter.capabilities, ...row } }
}

function withAccess({ access, ...adapter }: MeshAdapter, changed: Partial<AccessAdapter>): MeshAdapter {
  return { ...adapter, ...(access && { access: { ...access, ...changed } }) }
}

function withLimits({ podLimits, ...adapter }: MeshAdapter, changed: Partial<PodLimitsAdapter>): MeshAdapter {
  return { ...adapter, ...(podLimits && { podLimits: { ...podLimits, ...changed } }) }
}

/** A limit, and the same one on the other port of the pods. */
function onBothPorts(one: PodLimit): PodLimit[] {
  return [one, { ...one, port: one.port === 8080 ? 9090 : 8080 }]
}

describe('the laws of adapters', () => {
  const flaws: readonly (readonly [string, MeshAdapter, string])[] = [
    [
      'that turns weights around',
      {
        ...istio,
        translate: (traffic) =>
          istio.translate({
            ...traffic,
            ports: traffic.ports.map(({ port, rules }) => ({
              port,
              rules: rules.map((rule) => ({
                ...rule,
                backends: rule.backends.map((backend, index) => ({
                  ...backend,
                  weight: rule.backends.at(-1 - index)?.weight ?? 0,
                })),
              })),
            })),
          }),
      },
      'a canary with a tenth of the requests: the requests go where they should, or it is refused',
    ],
    [
      'that forgets timeouts, and does not say so',
      {
        ...istio,
        translate: (traffic) =>
          istio.translate({
            ...traffic,
            ports: traffic.ports.map(({ port, rules }) => ({ port, rules: rules.map(({ timeout, ...rule }) => rule) })),
          }),
      },
      'reads back what it wrote as the normal form',
    ],
    [
      'whose routing knows no retries',
      {
        ...istio,
        route: (...args) => {
          const { retries, ...decision } = istio.route(...args)
          return decision
        },
      },
      'sends each request where the neutral meaning sends it',
    ],
    [
      'of a mesh that sorts rules, and that claims it does not',
      { ...gatewayApi, precedence: 'listed' },
      'keeps the order of rules that compete, or they are refused',
    ],
    [
      'that writes to the traffic it was given',
      {
        ...istio,
        translate: (traffic) => {
          Object.assign(traffic, { seen: true })
          return istio.translate(traffic)
        },
      },
      'writes the same objects each time, and changes nothing it was given',
    ],
    [
      'that writes an object of a kind nobody watches',
      { ...istio, kinds: [] },
      'writes objects of its own kinds in their order, each once',
    ],
    [
      'that supports less than it writes',
      {
        ...istio,
        observe: (...args) => {
          const { traffic, problems } = istio.observe(...args)
          const ports = (traffic?.ports ?? []).map(({ port, rules }) => ({
            port,
            rules: rules.map((rule) => ({ ...rule, timeout: 1 })),
          }))
          return { problems, traffic: traffic && { ...traffic, ports } }
        },
        capabilities: { ...istio.capabilities, timeout: unsupported('it cannot', 'Do not.') },
      },
      'a feature that it calls unsupported reaches no object',
    ],
    [
      'that refuses its own objects',
      {
        ...istio,
        reading: { ...istio.reading, validate: () => [{ path: ['spec'], problem: 'no' }] },
      },
      'reads its own objects as valid, and as about the apex',
    ],
    [
      'that trusts what it reads',
      {
        ...istio,
        observe: (objects, apex, services) => {
          for (const { spec } of objects) for (const host of listOf(fieldsOf(spec)['hosts'])) (host as string).trim()
          return istio.observe(objects, apex, services)
        },
      },
      'stands whatever its objects hold',
    ],
    [
      'whose queries take any text for a name',
      {
        ...istio,
        queries: { ...istio.queries, requestRate: (target) => `rate(x{w="${JSON.stringify(target)}"}[1m])` },
      },
      'its queries name what they measure, and refuse what is no name',
    ],
    [
      'whose table has a text that is no sentence',
      withRow(istio, { subset: unsupported('it has none', 'use Services') }),
      'has a capability table with a well-formed row for each feature',
    ],
    [
      'that lets clients past its waypoints',
      withAccess(istioAmbient, {
        translate: (access, workloads) =>
          (istioAmbient.access?.translate(access, workloads) ?? []).filter(
            ({ spec }) => 'targetRefs' in fieldsOf(spec),
          ),
      }),
      'lets in whom the neutral meaning lets in',
    ],
    [
      'that decides about requests where nobody looks at them',
      withAccess(istioAmbient, { translate: (...args) => istio.access?.translate(...args) ?? [] }),
      'lets in whom the neutral meaning lets in',
    ],
    [
      'that limits whole pods, and says it limits a port',
      withLimits(kuma, {
        translate: (limits, surroundings) =>
          limits.flatMap((one) => kuma.podLimits?.translate(onBothPorts(one), surroundings)[0] ?? []),
      }),
      'reads limits of pods back, and nobody who may call them',
    ],
    [
      'that drops a limit without a word',
      withLimits(linkerd, { translate: (limits) => limits.map(() => ({ objects: [], problems: [] })) }),
      'answers each limit of pods, with objects or with what to do about it',
    ],
    [
      'that forgets what it limits',
      withLimits(linkerd, { observe: () => ({ limits: [], problems: [] }) }),
      'all pods of a ServiceAccount: they are limited so, or it is refused',
    ],
    [
      'whose Servers for limits shut out those whom an access policy lets in',
      withLimits(linkerd, {
        translate: (limits, surroundings) =>
          linkerd.podLimits?.translate(limits, { ...surroundings, others: [] }) ?? [],
      }),
      'keeps limits of pods and access to them apart',
    ],
    [
      'whose objects another mesh cannot carry, unlike its own',
      withRow(gatewayApi, { retries: native(), retryBackoff: native(), retryOnConnection: native() }),
      'moves to other meshes and back without a change',
    ],
  ]

  test.each(flaws)('find an adapter %s', (_flaw, adapter, law) => {
    expect(complaint(law, adapter, [istio])).toContain(`the adapter breaks the law "${law}"`)
  })

  test('print the smallest case as YAML, and the seed that finds it again', () => {
    const forgetful: MeshAdapter = { ...istio, observe: () => ({ traffic: undefined, problems: [] }) }
    const message = complaint('reads back what it wrote as the normal form', forgetful) ?? ''
    const [title, ...yaml] = message.split('\n')
    expect(title).toBe('the adapter breaks the law "reads back what it wrote as the normal form" (seed 7):')
    const { traffic, objects, got } = parse(yaml.join('\n'))
    expect(traffic.ports).toHaveLength(1)
    expect(traffic.ports[0].rules).toHaveLength(1)
    expect(objects).toMatchObject([{ kind: 'VirtualService' }])
    expect(got).toEqual({ problems: [] })
  })
})

describe('describeAdapter', () => {
  const provider: MeshProvider = { name: 'istio', description: 'as it is', create: () => istio }

  /** Runs what is defined at once, as a test runner would later. */
  function collect(run: (name: string, body: () => void) => void): TestRunner & { readonly names: string[] } {
    const names: string[] = []
    return {
      names,
      describe: (name, define) => {
        names.push(name)
        define()
      },
      test: (name, { timeout }, body) => {
        expect(timeout).toBeGreaterThan(0)
        names.push(name)
        run(name, body)
      },
    }
  }

  test('defines a test for each law, with the meshes that come with Autopilot as peers', () => {
    const runner = collect(() => {})
    describeAdapter(provider, runner)
    expect(runner.names[0]).toBe('the adapter istio')
    expect(runner.names).toContain('moves to other meshes and back without a change')
  })

  test('takes the functions of node:test as they are', () => {
    const { describe: group, test: one } = nodeTest
    const runner: TestRunner = { describe: group, test: one }
    expect(runner).toBeDefined()
  })

  test('tries as many cases as it is told', () => {
    let translations = 0
    const counted: MeshProvider = {
      ...provider,
      create: () => ({
        ...istio,
        translate: (traffic) => {
          translations += 1
          return istio.translate(traffic)
        },
      }),
    }
    const law = 'reads back what it wrote as the normal form'
    describeAdapter(
      counted,
      collect((name, body) => (name === law ? body() : undefined)),
      { numRuns: 12, peers: [] },
    )
    expect(translations).toBe(12)
  })
})

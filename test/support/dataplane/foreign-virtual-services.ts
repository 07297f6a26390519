import type { MeshRequest } from '../../../src/mesh/routing.ts'

/** An object that somebody else wrote, and requests to the Service that it is about. */
export interface ForeignCase {
  readonly what: string
  /** Specs of one or more objects, oldest first; `to` names a backend, `port` and `second` are ports of the Service. */
  readonly specs: (names: ForeignNames) => readonly object[]
  readonly requests: readonly ForeignRequest[] | ((names: ForeignNames) => readonly ForeignRequest[])
  readonly deviation?: Deviation
}

/** Where Istio is known not to do what the Gateway API says, and why; a test notices when that ends. */
interface Deviation {
  readonly because: string
  /** For each request: the name of a backend, or a status. */
  readonly places: readonly (string | number)[]
}

export type ForeignRequest = Partial<Omit<MeshRequest, 'service' | 'port'>>

export interface ForeignNames {
  readonly apex: string
  readonly namespace: string
  readonly port: number
  readonly second: number
}

const plain = {}
const paths = (...all: string[]) => all.map((path) => ({ path }))
const header = (name: string, ...values: string[]) => values.map((value) => ({ headers: { [name]: value } }))

/** A VirtualService of one matching route to `foreign-v2` before one that takes the rest to `foreign-v1`. */
function matching(
  what: string,
  match: object | ((names: ForeignNames) => object),
  ...requests: ForeignRequest[]
): ForeignCase {
  return {
    what,
    specs: (names) => [
      {
        http: [
          {
            match: [typeof match === 'function' ? match(names) : match],
            route: [{ destination: to('foreign-v2', names) }],
          },
          { route: [{ destination: to('foreign-v1', names) }] },
        ],
      },
    ],
    requests,
  }
}

function whole(what: string, http: (names: ForeignNames) => object[], ...requests: ForeignRequest[]): ForeignCase {
  return { what, specs: (names) => [{ http: http(names) }], requests: requests.length === 0 ? [plain] : requests }
}

function to(name: string, { namespace, port }: ForeignNames): object {
  return { host: `${name}.${namespace}.svc.cluster.local`, port: { number: port } }
}

/** What people write by hand, and what documents get wrong. */
export const foreignVirtualServices: readonly ForeignCase[] = [
  matching('a prefix', { uri: { prefix: '/foo' } }, ...paths('/foo', '/foo/', '/foobar', '/Foo', '/fo')),
  matching('a prefix that ends in a slash', { uri: { prefix: '/foo/' } }, ...paths('/foo', '/foo/', '/foo/x')),
  matching('an expression', { uri: { regex: '/fo' } }, ...paths('/foo', '/fo', '/fo/')),
  matching(
    'a path that is resolved first',
    { uri: { exact: '/foo' } },
    ...paths(
      '/a/../foo',
      '/./foo',
      '/%66oo',
      '/%2ffoo',
      '//foo',
      '/foo/.',
      '/foo/..',
      '/x/../../foo',
      '/%2e/foo',
      '/foo;a=1',
    ),
  ),
  matching('a path with a slash at its end', { uri: { exact: '/foo/' } }, ...paths('/foo/.', '/foo/x/..', '/foo')),
  matching(
    'a path whose letters may be of any case',
    { uri: { prefix: '/FOO' }, ignoreUriCase: true },
    ...paths('/foo', '/FoObar', '/fo'),
  ),
  matching(
    'an expression, which the case of letters is asked of all the same',
    { uri: { regex: '/FOO' }, ignoreUriCase: true },
    ...paths('/foo', '/FOO'),
  ),
  matching('an expression with flags', { uri: { regex: '(?i)/foo' } }, ...paths('/FOO', '/foo/x')),
  matching('a method by its beginning', { method: { prefix: 'P' } }, { method: 'PUT' }, { method: 'GET' }),
  matching('a method by an expression', { method: { regex: 'PUT|GET' } }, { method: 'PUT' }, { method: 'POST' }),
  matching('a header that is there', { headers: { 'x-a': {} } }, plain, ...header('x-a', '', 'yes')),
  matching('a header with a prefix', { headers: { 'x-a': { prefix: 'ye' } } }, plain, ...header('x-a', 'yes', 'y', '')),
  matching(
    'a header by an expression',
    { headers: { 'x-a': { regex: 'y.s' } } },
    plain,
    ...header('x-a', 'yes', 'yess'),
  ),
  matching('a header by any value', { headers: { 'x-a': { regex: '.*' } } }, plain, ...header('x-a', '', 'yes')),
  matching('a header named in capitals', { headers: { 'X-A': { exact: 'yes' } } }, plain, ...header('x-a', 'yes')),
  matching('without a header', { withoutHeaders: { 'x-a': {} } }, plain, ...header('x-a', '', 'yes')),
  matching(
    'without a value of a header',
    { withoutHeaders: { 'x-a': { exact: 'yes' } } },
    plain,
    ...header('x-a', '', 'yes', 'no'),
  ),
  matching(
    'without the beginning',
    { withoutHeaders: { 'x-a': { prefix: 'ye' } } },
    plain,
    ...header('x-a', '', 'yes', 'no'),
  ),
  matching('without any value', { withoutHeaders: { 'x-a': { regex: '.*' } } }, plain, ...header('x-a', '', 'yes')),
  matching('without some value', { withoutHeaders: { 'x-a': { regex: '.+' } } }, plain, ...header('x-a', '', 'yes')),
  matching(
    'without *, which is presence',
    { withoutHeaders: { 'x-a': { regex: '*' } } },
    plain,
    ...header('x-a', '', 'yes'),
  ),
  matching('with and without', { headers: { 'x-a': {} }, withoutHeaders: { 'x-b': {} } }, ...header('x-a', '1'), {
    headers: { 'x-a': '1', 'x-b': '1' },
  }),
  matching(
    'a query parameter',
    { queryParams: { q: { exact: 'a b' } } },
    { query: { q: 'a+b' } },
    { query: { q: 'a%20b' } },
  ),
  matching(
    'an empty query parameter',
    { queryParams: { q: { exact: '' } } },
    plain,
    { query: { q: '' } },
    { query: { q: 'x' } },
  ),
  matching(
    'a query parameter that is there',
    { queryParams: { q: {} } },
    plain,
    { query: { q: '' } },
    { query: { q: 'x' } },
  ),
  matching(
    'the beginning of a query parameter',
    { queryParams: { q: { prefix: 'a.' } } },
    { query: { q: 'a.b' } },
    { query: { q: 'axb' } },
  ),
  matching(
    'part of an expression for a query parameter',
    { queryParams: { q: { regex: 'a' } } },
    { query: { q: 'a' } },
    { query: { q: 'ab' } },
  ),
  matching('the scheme', { scheme: { exact: 'http' } }, plain),
  matching('another scheme', { scheme: { exact: 'https' } }, plain),
  {
    ...matching('the authority', ({ apex }) => ({ authority: { exact: apex } })),
    // Clients may call a Service by its name alone, and the port may be left out of it.
    requests: ({ apex, namespace, port }) =>
      [apex, `${apex}:${port}`, `${apex}.${namespace}`].map((host) => ({ headers: { host } })),
  },
  matching('another gateway', { gateways: ['ingress'] }, plain),
  matching('the mesh as gateway', { gateways: ['mesh'] }, plain),
  matching('another namespace', { sourceNamespace: 'pay' }, plain),
  matching('the namespace of the client', ({ namespace }) => ({ sourceNamespace: namespace }), plain),
  matching('another port', ({ second }) => ({ port: second }), plain),
  matching('this port', ({ port }) => ({ port }), plain),
  matching('a match without conditions', {}, plain),
  whole('a single weight of zero', (names) => [{ route: [{ destination: to('foreign-v1', names), weight: 0 }] }]),
  whole('a weight left out', (names) => [
    { route: [{ destination: to('foreign-v1', names) }, { destination: to('foreign-v2', names), weight: 1 }] },
  ]),
  whole('only rules of another port', (names) => [
    { match: [{ port: names.second }], route: [{ destination: to('foreign-v1', names) }] },
  ]),
  whole('only rules of another namespace', (names) => [
    { match: [{ sourceNamespace: 'pay' }], route: [{ destination: to('foreign-v1', names) }] },
  ]),
  whole('no rule for the request', (names) => [
    { match: [{ uri: { exact: '/x' } }], route: [{ destination: to('foreign-v1', names) }] },
  ]),
  whole('a port left out', ({ namespace }) => [
    { route: [{ destination: { host: `foreign-v1.${namespace}.svc.cluster.local` } }] },
  ]),
  whole('a port left out that the backend lacks', ({ namespace }) => [
    { route: [{ destination: { host: `foreign-other.${namespace}.svc.cluster.local` } }] },
  ]),
  whole('a short name', (names) => [
    { route: [{ destination: { host: 'foreign-v1', port: { number: names.port } } }] },
  ]),
  whole('a name with one dot', (names) => [
    { route: [{ destination: { host: `foreign-v1.${names.namespace}`, port: { number: names.port } } }] },
  ]),
  whole('a name without the cluster’s domain', (names) => [
    { route: [{ destination: { host: `foreign-v1.${names.namespace}.svc`, port: { number: names.port } } }] },
  ]),
  whole('a host that is not there', (names) => [{ route: [{ destination: to('gone', names) }] }]),
  whole('a subset that is not there', (names) => [
    { route: [{ destination: { ...to('foreign-v1', names), subset: 'v9' } }] },
  ]),
  whole('an answer of its own', () => [{ directResponse: { status: 418 } }]),
  whole('a redirect', () => [{ redirect: { uri: '/x' } }]),
  whole('a redirect with its code', () => [{ redirect: { uri: '/x', redirectCode: 308 } }]),
  whole(
    'a route that takes everything before others',
    (names) => [
      { match: [{ uri: { prefix: '/' } }], route: [{ destination: to('foreign-v2', names) }] },
      { match: [{ uri: { exact: '/foo' } }], route: [{ destination: to('foreign-v1', names) }] },
    ],
    ...paths('/', '/foo'),
  ),
  whole(
    'one of several matches without conditions',
    (names) => [
      {
        match: [{ headers: { 'x-a': { exact: 'yes' } } }, { port: names.port }],
        route: [{ destination: to('foreign-v2', names) }],
      },
      { route: [{ destination: to('foreign-v1', names) }] },
    ],
    plain,
    ...header('x-a', 'yes'),
  ),
  {
    what: 'two for one host',
    specs: (names) =>
      ['foreign-v1', 'foreign-v2'].map((name, index) => ({
        http: [
          { match: [{ uri: { prefix: index === 0 ? '/one' : '/two' } }], route: [{ destination: to(name, names) }] },
        ],
      })),
    requests: paths('/one', '/two', '/'),
  },
  {
    what: 'two for one host, the first about another port only',
    specs: (names) => [
      { http: [{ match: [{ port: names.second }], route: [{ destination: to('foreign-v1', names) }] }] },
      { http: [{ route: [{ destination: to('foreign-v2', names) }] }] },
    ],
    requests: [plain],
  },
  {
    what: 'two for one host, the first about another namespace only',
    specs: (names) => [
      { http: [{ match: [{ sourceNamespace: 'pay' }], route: [{ destination: to('foreign-v1', names) }] }] },
      { http: [{ route: [{ destination: to('foreign-v2', names) }] }] },
    ],
    requests: [plain],
  },
  {
    what: 'two for one host, each about its port',
    specs: (names) => [
      { http: [{ match: [{ port: names.second }], route: [{ destination: to('foreign-v1', names) }] }] },
      { http: [{ match: [{ port: names.port }], route: [{ destination: to('foreign-v2', names) }] }] },
    ],
    requests: [plain],
  },
  {
    what: 'a wildcard, and a full name about another port only',
    specs: (names) => [
      {
        hosts: [`*${names.apex.slice(1)}.${names.namespace}.svc.cluster.local`],
        http: [{ route: [{ destination: to('foreign-v1', names) }] }],
      },
      { http: [{ match: [{ port: names.second }], route: [{ destination: to('foreign-v2', names) }] }] },
    ],
    requests: [plain],
  },
  {
    what: 'a wildcard and a full name',
    specs: (names) => [
      {
        hosts: [`*${names.apex.slice(1)}.${names.namespace}.svc.cluster.local`],
        http: [{ match: [{ uri: { prefix: '/wild' } }], route: [{ destination: to('foreign-v1', names) }] }],
      },
      { http: [{ match: [{ uri: { prefix: '/full' } }], route: [{ destination: to('foreign-v2', names) }] }] },
    ],
    requests: paths('/wild', '/full'),
  },
  {
    what: 'one that is not exported to the client',
    specs: (names) => [{ exportTo: ['pay'], http: [{ route: [{ destination: to('foreign-v1', names) }] }] }],
    requests: [plain],
  },
  {
    what: 'one of a gateway only',
    specs: (names) => [{ gateways: ['ingress'], http: [{ route: [{ destination: to('foreign-v1', names) }] }] }],
    requests: [plain],
  },
  {
    what: 'one of a gateway and the mesh',
    specs: (names) => [
      { gateways: ['ingress', 'mesh'], http: [{ route: [{ destination: to('foreign-v1', names) }] }] },
    ],
    requests: [plain],
  },
  {
    what: 'its host as a short name',
    specs: (names) => [{ hosts: [names.apex], http: [{ route: [{ destination: to('foreign-v1', names) }] }] }],
    requests: [plain],
  },
  {
    what: 'its host with one dot',
    specs: (names) => [
      { hosts: [`${names.apex}.${names.namespace}`], http: [{ route: [{ destination: to('foreign-v1', names) }] }] },
    ],
    requests: [plain],
  },
  { what: 'no routes at all', specs: () => [{ http: [] }], requests: [plain] },
]

import type { ForeignCase, ForeignNames, ForeignRequest } from './foreign-virtual-services.ts'

const plain = {}
const paths = (...all: string[]) => all.map((path) => ({ path }))

function to(name: string, { port }: ForeignNames, weight?: number): object {
  return { name, port, ...(weight !== undefined && { weight }) }
}

/** A route of some matches to `foreign-v2`, then, unless `rest` is false, one that takes the rest to `foreign-v1`. */
function matching(what: string, matches: object[], requests: readonly ForeignRequest[], rest = true): ForeignCase {
  return {
    what,
    specs: (names) => [
      {
        rules: [
          { matches, backendRefs: [to('foreign-v2', names)] },
          ...(rest ? [{ backendRefs: [to('foreign-v1', names)] }] : []),
        ],
      },
    ],
    requests,
  }
}

/** Two rules, each with a match that all requests satisfy: which is followed? */
function ranked(what: string, first: object, second: object): ForeignCase {
  return {
    what,
    specs: (names) => [
      {
        rules: [
          { matches: [first], backendRefs: [to('foreign-v1', names)] },
          { matches: [second], backendRefs: [to('foreign-v2', names)] },
        ],
      },
    ],
    requests: [{ path: '/foo', headers: { 'x-a': '1', 'x-b': '2' }, query: { q: '1', p: '2' } }],
  }
}

function backends(what: string, refs: (names: ForeignNames) => object[] | undefined): ForeignCase {
  return {
    what,
    specs: (names) => {
      const backendRefs = refs(names)
      return [{ rules: [{ ...(backendRefs && { backendRefs }) }] }]
    },
    requests: [plain],
  }
}

const one = { headers: [{ name: 'x-a', value: '1' }] }
const two = { headers: [...one.headers, { name: 'x-b', value: '2' }] }

/** What people write by hand, and what the specification leaves to be found out. */
export const foreignHttpRoutes: readonly ForeignCase[] = [
  matching('a prefix', [{ path: { value: '/foo' } }], paths('/foo', '/foo/', '/foobar', '/foo/x', '/Foo', '//foo')),
  matching(
    'a prefix with a slash at its end',
    [{ path: { value: '/foo/' } }],
    paths('/foo', '/foo/', '/foo/x', '/foobar'),
  ),
  matching('an exact path', [{ path: { type: 'Exact', value: '/foo' } }], paths('/foo', '/foo/', '/fo')),
  matching(
    'an exact path with a slash at its end',
    [{ path: { type: 'Exact', value: '/foo/' } }],
    paths('/foo', '/foo/'),
  ),
  matching(
    'an exact path that is resolved first',
    [{ path: { type: 'Exact', value: '/foo' } }],
    paths('/%66oo', '/a/../foo', '/./foo'),
  ),
  matching('the path / itself', [{ path: { type: 'Exact', value: '/' } }], paths('/', '/foo')),
  matching(
    'an expression for the path, alone',
    [{ path: { type: 'RegularExpression', value: '/fo+' } }],
    paths('/foo', '/fooo', '/foox', '/'),
    false,
  ),
  matching(
    'an expression for the path beside a default',
    [{ path: { type: 'RegularExpression', value: '/fo+' } }],
    paths('/foo', '/'),
  ),
  matching('a method', [{ method: 'PUT' }], [{ method: 'PUT' }, plain], false),
  matching('a header', [{ headers: [{ name: 'X-A', value: 'yes' }] }], [plain, { headers: { 'x-a': 'yes' } }]),
  {
    ...matching(
      'a header twice, of which the first counts',
      [
        {
          headers: [
            { name: 'x-a', value: 'yes' },
            { name: 'X-A', value: 'no' },
          ],
        },
      ],
      [{ headers: { 'x-a': 'yes' } }, { headers: { 'x-a': 'no' } }],
    ),
    deviation: {
      because: 'names that differ in their letters’ case are two conditions, both of which have to hold',
      places: ['foreign-v1', 'foreign-v1'],
    },
  },
  matching(
    'an expression for a header, not anchored',
    [{ headers: [{ name: 'x-a', type: 'RegularExpression', value: 'y|yes' }] }],
    [plain, ...['yes', 'y', 'yess', ''].map((value) => ({ headers: { 'x-a': value } }))],
  ),
  matching(
    'a query parameter by an expression',
    [{ queryParams: [{ name: 'q', type: 'RegularExpression', value: '[0-9]+' }] }],
    [plain, ...['1', '1a', ''].map((value) => ({ query: { q: value } }))],
  ),
  ranked('method and header', { method: 'GET' }, one),
  ranked(
    'prefix and exact path of one length',
    { path: { value: '/foo' } },
    { path: { type: 'Exact', value: '/foo' } },
  ),
  ranked(
    'prefix / and an expression',
    { path: { value: '/' } },
    { path: { type: 'RegularExpression', value: '/f.*' } },
  ),
  ranked(
    'an expression and a prefix',
    { path: { type: 'RegularExpression', value: '/f.*' } },
    { path: { value: '/foo' } },
  ),
  ranked(
    'two expressions',
    { path: { type: 'RegularExpression', value: '/f.*' } },
    { path: { type: 'RegularExpression', value: '/fo[o]' } },
  ),
  ranked('shorter and longer prefix', { path: { value: '/f' } }, { path: { value: '/foo' } }),
  ranked('prefix with headers and a longer one', { path: { value: '/' }, ...two }, { path: { value: '/foo' } }),
  ranked('a slash at the end and none', { path: { value: '/foo/' } }, { path: { value: '/foo' } }),
  ranked('one header and two', one, two),
  ranked('a header and a query parameter', { queryParams: [{ name: 'q', value: '1' }] }, one),
  ranked(
    'one query parameter and two',
    { queryParams: [{ name: 'q', value: '1' }] },
    {
      queryParams: [
        { name: 'q', value: '1' },
        { name: 'p', value: '2' },
      ],
    },
  ),
  ranked(
    'a header with two conditions on it and two headers',
    { headers: [...one.headers, ...one.headers.map(({ name }) => ({ name: name.toUpperCase(), value: '1' }))] },
    one,
  ),
  ranked('equals', one, { headers: [{ name: 'x-b', value: '2' }] }),
  backends('a single weight of zero', (names) => [to('foreign-v1', names, 0)]),
  backends('weights of zero', (names) => [to('foreign-v1', names, 0), to('foreign-v2', names, 0)]),
  backends('no backends', () => undefined),
  backends('a backend that is missing', (names) => [to('gone', names)]),
  backends('a backend that is missing and has no weight', (names) => [
    to('gone', names, 0),
    to('foreign-v1', names, 1),
  ]),
  backends('a backend on a port that it lacks', ({ second }) => [{ name: 'foreign-other', port: second + 1 }]),
  backends('a weight left out', (names) => [to('foreign-v1', names), to('foreign-v2', names, 0)]),
  backends('a backend of another namespace', ({ port }) => [{ name: 'foreign-pay', namespace: 'pay', port }]),
  backends('a backend that is no Service', () => [{ group: 'example.org', kind: 'Bucket', name: 'b', port: 1 }]),
  {
    what: 'a redirect',
    specs: () => [{ rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'x.test' } }] }] }],
    requests: [plain],
  },
  {
    what: 'a redirect with its code',
    specs: () => [
      { rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'x.test', statusCode: 301 } }] }] },
    ],
    requests: [plain],
  },
  {
    what: 'two routes with equal matches',
    specs: (names) => ['foreign-v1', 'foreign-v2'].map((name) => ({ rules: [{ backendRefs: [to(name, names)] }] })),
    requests: [plain],
  },
  {
    what: 'two routes, the younger one more specific',
    specs: (names) => [
      { rules: [{ backendRefs: [to('foreign-v1', names)] }] },
      { rules: [{ matches: [{ path: { value: '/foo' } }], backendRefs: [to('foreign-v2', names)] }] },
    ],
    requests: paths('/', '/foo'),
  },
  {
    what: 'a route of all ports and one of this port',
    specs: (names) => [
      {
        parentRefs: [{ group: '', kind: 'Service', name: names.apex }],
        rules: [{ backendRefs: [to('foreign-v1', names)] }],
      },
      {
        parentRefs: [{ group: '', kind: 'Service', name: names.apex, port: names.port }],
        rules: [{ matches: [{ path: { value: '/foo' } }], backendRefs: [to('foreign-v2', names)] }],
      },
    ],
    requests: paths('/', '/foo'),
    deviation: {
      because: 'the two are not merged: the older decides alone, here that of this port by its name',
      places: [404, 'foreign-v2'],
    },
  },
  {
    what: 'a route of another port',
    specs: (names) => [
      {
        parentRefs: [{ group: '', kind: 'Service', name: names.apex, port: names.second }],
        rules: [{ backendRefs: [to('foreign-v1', names)] }],
      },
    ],
    requests: [plain],
  },
  {
    what: 'no rule for the request',
    specs: (names) => [{ rules: [{ matches: [{ path: { value: '/x' } }], backendRefs: [to('foreign-v1', names)] }] }],
    requests: [plain],
  },
  {
    what: 'a host name that is another one',
    specs: (names) => [{ hostnames: ['other.example'], rules: [{ backendRefs: [to('foreign-v1', names)] }] }],
    requests: [plain],
  },
]

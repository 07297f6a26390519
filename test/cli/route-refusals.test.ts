import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { decide, httpRoute, refuse, service, split, to, virtualService } from './support/route.ts'

describe('objects that a cluster would refuse', () => {
  test.each<[string, string, string, string]>([
    [
      'a redirect that Envoy has no word for',
      'istio',
      virtualService('\n- redirect: { uri: /a, redirectCode: 305 }'),
      'spec.http[0].redirect.redirectCode: 305 is none of 301, 302, 303, 307, 308',
    ],
    [
      'a redirect that the Gateway API does not have',
      'gateway-api',
      httpRoute('\n- filters: [{ type: RequestRedirect, requestRedirect: { statusCode: 304 } }]'),
      'requestRedirect.statusCode: 304 is none of 301, 302, 303, 307, 308',
    ],
    [
      'a negative weight',
      'istio',
      virtualService('\n- route: [{ destination: { host: a }, weight: -1 }]'),
      'stdin:8:49 AP7003 VirtualService default/web: spec.http[0].route[0].weight: -1 is less than 0',
    ],
    [
      'no weight at all',
      'istio',
      virtualService('\n- route: [{ destination: { host: a }, weight: 0 }, { destination: { host: b } }]'),
      'spec.http[0].route: total destination weight = 0',
    ],
    [
      'more weight than Envoy takes',
      'istio',
      virtualService(
        '\n- route: [{ destination: { host: a }, weight: 2147483647 }, { destination: { host: b }, weight: 2147483647 }, { destination: { host: c }, weight: 2 }]',
      ),
      'is more than Envoy takes',
    ],
    [
      'an unknown field',
      'istio',
      virtualService('\n- rout: []\n  route: [{ destination: { host: a } }]'),
      '8:5 AP7003 VirtualService default/web: spec.http[0].rout: there is no such field (did you mean "route"?)',
    ],
    [
      'an expression that is none',
      'istio',
      virtualService('\n- match: [{ uri: { regex: "(" } }]\n  route: [{ destination: { host: a } }]'),
      'spec.http[0].match[0].uri.regex: "(" is not usable',
    ],
    [
      'look-ahead',
      'istio',
      virtualService('\n- match: [{ uri: { regex: "/(?=a)" } }]\n  route: [{ destination: { host: a } }]'),
      'spec.http[0].match[0].uri.regex',
    ],
    [
      'the expression * for a header',
      'istio',
      virtualService('\n- match: [{ headers: { x: { regex: "*" } } }]\n  route: [{ destination: { host: a } }]'),
      'spec.http[0].match[0].headers.x.regex',
    ],
    [
      'two conditions in one string match',
      'istio',
      virtualService('\n- match: [{ uri: { exact: /a, prefix: /b } }]\n  route: [{ destination: { host: a } }]'),
      'it excludes exact, which is there too',
    ],
    [
      'a route without an answer',
      'istio',
      virtualService('\n- match: [{ uri: { exact: /a } }]'),
      'one of route, redirect, directResponse and delegate is required',
    ],
    [
      'a part for others to delegate to, which says more than routes',
      'istio',
      virtualService('\n- route: [{ destination: { host: a } }]').replace(
        'hosts: [web]',
        'hosts: []\n  gateways: [mesh]',
      ),
      'spec.gateways: without hosts it must be left out',
    ],
    [
      'a status that Envoy refuses',
      'istio',
      virtualService('\n- directResponse: { status: 600 }'),
      'spec.http[0].directResponse.status: 600 is more than 599',
    ],
    [
      'retries of which there are none',
      'istio',
      virtualService('\n- route: [{ destination: { host: a } }]\n  retries: { attempts: 0, retryOn: 5xx }'),
      'spec.http[0].retries.retryOn: with 0 attempts it must be left out',
    ],
    [
      'a weight beyond a million',
      'gateway-api',
      httpRoute('\n- backendRefs: [{ name: a, port: 80, weight: 1000001 }]'),
      '1000001 is more than 1000000',
    ],
    [
      'a Service without a port',
      'linkerd',
      httpRoute('\n- backendRefs: [{ name: a }]'),
      'spec.rules[0].backendRefs[0]: Must have port for Service reference',
    ],
    [
      'a relative path',
      'gateway-api',
      httpRoute('\n- matches: [{ path: { value: foo } }]'),
      "value must be an absolute path and start with '/' when type is PathPrefix",
    ],
    ['// in a path', 'gateway-api', httpRoute('\n- matches: [{ path: { value: //a } }]'), "must not contain '//'"],
    [
      'one header twice',
      'gateway-api',
      httpRoute('\n- matches: [{ headers: [{ name: x, value: a }, { name: x, value: b }] }]'),
      'spec.rules[0].matches[0].headers[1].name: x is there already',
    ],
    ['a method that is none', 'gateway-api', httpRoute('\n- matches: [{ method: FETCH }]'), '"FETCH" is none of GET'],
    [
      'a filter without its field',
      'gateway-api',
      httpRoute('\n- filters: [{ type: URLRewrite }]\n  backendRefs: [{ name: a, port: 80 }]'),
      'urlRewrite must be specified for URLRewrite',
    ],
    [
      'a fraction as weight',
      'smi',
      split('[{ service: a, weight: 0.5 }]'),
      'spec.backends[0].weight: 0.5 is not a whole number',
    ],
    [
      'a quantity since v1alpha3',
      'smi',
      split('[{ service: a, weight: 500m }]', 'v1alpha3'),
      '"500m" is not a whole number',
    ],
    ['a negative quantity', 'smi', split('[{ service: a, weight: "-1" }]', 'v1alpha1'), '"-1" is no weight'],
    [
      'matches before v1alpha3',
      'smi',
      split('[{ service: a, weight: 1 }]', 'v1alpha2', ', matches: []'),
      'spec.matches: there is no such field',
    ],
    [
      'two headers in one map',
      'smi',
      '{ apiVersion: specs.smi-spec.io/v1alpha4, kind: HTTPRouteGroup, metadata: { name: a }, spec: { matches: [{ name: a, headers: [{ x: a, y: b }] }] } }',
      'spec.matches[0].headers[0]: it names 2 headers and has to name one',
    ],
    [
      'a name that is none',
      'smi',
      split('[{ service: a, weight: 1 }]').replace('name: web', 'name: Web_1'),
      'metadata.name: "Web_1" is no name of a TrafficSplit',
    ],
    [
      'a Service without ports',
      'istio',
      service('web', '{ selector: { a: b } }'),
      'Service default/web: spec: ports is missing',
    ],
    [
      'ports without names',
      'istio',
      service('web', '{ ports: [{ port: 80 }, { port: 81 }] }'),
      'name is missing; of several ports each has one',
    ],
    ['no kind', 'istio', 'apiVersion: v1', 'stdin:1:1 AP7001 this is no object of the Kubernetes API: it has no kind'],
    [
      'one object twice',
      'istio',
      documents(service('web'), service('web')),
      'AP7002 Service default/web is already given in stdin:2',
    ],
    ['no YAML', 'istio', 'a: [', 'stdin:1:5 AP1001 this is not YAML'],
  ])('%s', async (_what, mesh, objects, message) => {
    const { code, stdout, stderr } = await refuse(mesh, objects)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^stdin:\d+:\d+ AP\d{4} .*\.\n/)
  })

  test('withoutHeaders may have the expression *, and durations may be long', async () => {
    const objects = virtualService(
      '\n- match: [{ withoutHeaders: { x: { regex: "*" } } }]\n  route: [{ destination: { host: a } }]',
    )
    expect(await decide('istio', objects, 'GET http://web/')).toMatchObject({ outcomes: [to('a')] })
  })
})

import { describe, expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { httpRoute, service, translate, virtualService, web } from './support/translate.ts'

const many = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: web
  namespace: shop
spec:
  hosts: [web]
  http:
    - match:
        - uri:
            exact: /a
          withoutHeaders:
            x: {}
      fault:
        abort:
          httpStatus: 503
          percentage: { value: 10 }
        delay:
          fixedDelay: 2s
          percentage: { value: 5 }
      route: [{ destination: { host: a } }]
    - mirrors:
        - destination: { host: m }
          percentage: { value: 20 }
      rewrite:
        authority: example.com
      route: [{ destination: { host: a } }]
`

/** The text of the line that each diagnostic is about, with what it says. */
async function placesOf(target: string, objects: string) {
  const { code, stdout, stderr } = await translate(target, objects)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  return stderr.map((line) => {
    const [, at, column, what = ''] = /^stdin:(\d+):(\d+) AP\d+ (.*?) asked of /.exec(line) ?? []
    const text = objects.split('\n')[Number(at) - 1] ?? ''
    return [what.replace(`${target} cannot carry `, ''), text.slice(Number(column) - 1)]
  })
}

describe('what the target cannot carry', () => {
  test('is told where it is asked for, each feature at its own field', async () => {
    expect(await placesOf('linkerd', documents(many, web, service('a'), service('m')))).toEqual([
      ['a header that must be absent', 'withoutHeaders:'],
      ['a fault that delays requests', 'delay:'],
      ['copies of requests', 'destination: { host: m }'],
      ['copies of a share of the requests', 'destination: { host: m }'],
      ['another host or path for the backend', 'rewrite:'],
    ])
  })

  test('of several rules that ask for it is told at the first', async () => {
    const rule = (path: string) =>
      `\n- match: [{ uri: { exact: ${path} } }]\n  timeout: 1s\n  route: [{ destination: { host: a } }]`
    const { stderr } = await translate('smi', documents(virtualService(rule('/a') + rule('/b')), web, service('a')))
    expect(stderr.filter((line) => line.includes('a timeout asked'))).toEqual([expect.stringMatching(/^stdin:9:5 /)])
  })

  test('is told of an HTTPRoute as well', async () => {
    const route = httpRoute(`
- filters:
    - { type: RequestMirror, requestMirror: { backendRef: { name: m, port: 80 } } }
  backendRefs: [{ name: a, port: 80 }]`)
    expect(await placesOf('linkerd', documents(route, web, service('a'), service('m')))).toEqual([
      ['copies of requests', '{ type: RequestMirror, requestMirror: { backendRef: { name: m, port: 80 } } }'],
    ])
  })

  test('is told of many rules in no more time than people wait', { timeout: 4000 }, async () => {
    const rules = Array.from(
      { length: 150 },
      (_, index) => `
- match: [{ uri: { exact: /a${index} } }]
  fault: { delay: { fixedDelay: 1s, percentage: { value: ${index < 70 ? 0 : 5} } } }
  route: [{ destination: { host: a } }]`,
    )
    const { stderr } = await translate('gateway-api', documents(virtualService(rules.join('')), web, service('a')))
    const places = stderr.filter((line) => line.includes('a fault that delays requests'))
    expect(places).toEqual([expect.stringMatching(`^stdin:${8 + 70 * 3 + 1}:\\d+ AP2101 `)])
  })
})

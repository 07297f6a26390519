import { describe, expect, test } from 'vitest'
import { callAp } from '../support/call-ap.ts'
import { runAp } from '../support/run-ap.ts'
import { documents } from './support/documents.ts'
import { refuse, service, virtualService } from './support/route.ts'

describe('ap route', () => {
  test.each<[string, string[], string]>([
    [
      'no mesh',
      ['-f', '-', '--request', 'GET http://web/'],
      'name a mesh with --mesh: istio, linkerd, smi, gateway-api',
    ],
    [
      'an unknown mesh',
      ['--mesh', 'istoi', '-f', '-', '--request', 'GET http://web/'],
      '--mesh istoi is not a mesh (did you mean "istio"?)',
    ],
    ['no file', ['--mesh', 'istio', '--request', 'GET http://web/'], 'name a file with -f'],
    [
      'no request',
      ['--mesh', 'istio', '-f', '-'],
      "say which request with --request; write it as 'GET http://web.shop:8080/path?query'",
    ],
    ['a request without a method', ['--mesh', 'istio', '-f', '-', '--request', 'http://web/'], 'is no request'],
    ['another scheme', ['--mesh', 'istio', '-f', '-', '--request', 'GET ftp://web/'], 'is no request'],
    ['a port that is none', ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web:70000/'], '70000 is no port'],
    [
      'a header without a colon',
      ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web/', '-H', 'x'],
      'is no header',
    ],
    [
      'the host as a header',
      ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web/', '-H', 'Host: x'],
      'the host is the one of the URL',
    ],
    [
      'a protocol that is none',
      ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web/', '--protocol', 'udp'],
      '--protocol udp is not a protocol; there are http, grpc, tcp',
    ],
    [
      'a format that is none',
      ['--mesh', 'istio', '-f', '-', '--request', 'GET http://web/', '-o', 'yaml'],
      '-o yaml is not a format',
    ],
    ['an unknown option', ['--mehs', 'istio'], "unknown option '--mehs'\n(Did you mean --mesh?)"],
    ['standard input twice', ['--mesh', 'istio', '-f', '-', '-f', '-', '--request', 'GET http://web/'], 'only once'],
  ])('%s is a wrong call and exits with 2', async (_what, args, message) => {
    const { code, stdout, stderr } = await callAp(['route', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  test('explains itself to people', async () => {
    const objects = documents(
      virtualService(
        '\n- name: canary\n  route: [{ destination: { host: a }, weight: 7 }, { destination: { host: gone }, weight: 3 }]',
      ),
      service('web'),
      service('a'),
    )
    const { stdout } = await refuse('istio', objects, 'GET http://web/x')
    expect(stdout).toBe(
      `GET /x to default/web:80 from default on istio
rule canary
     70 %  default/a:80
     30 %  status 503    there is no Service default/gone
`,
    )
  })

  test('as a user runs it: a file, examples in --help, no colours without a terminal', async () => {
    const help = await runAp(['route', '--help'])
    expect(help.stdout).toContain('Examples:\n  ap route --mesh istio')
    const missing = await runAp(['route', '--mesh', 'istio', '-f', 'no-such.yaml', '--request', 'GET http://web/'])
    expect(missing).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'no-such.yaml:1:1 AP1008 no-such.yaml cannot be read: there is no such file. Check the path and its permissions.\n',
    })
  })
})

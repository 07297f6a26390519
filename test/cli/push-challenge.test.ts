import { fc, test as propertyTest } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { parseChallenges } from '../../src/cli/push/challenge.ts'
import { RegistryAuth } from '../../src/cli/push/registry-auth.ts'

test.each([
  ['Basic realm="Registry Realm"', [{ scheme: 'basic', parameters: { realm: 'Registry Realm' } }]],
  [
    'Bearer realm="https://auth.example/token",service=images,scope="repository:a/b:pull,push"',
    [
      {
        scheme: 'bearer',
        parameters: { realm: 'https://auth.example/token', service: 'images', scope: 'repository:a/b:pull,push' },
      },
    ],
  ],
  [
    ['Negotiate, Basic realm="a \\"b\\""', 'BEARER REALM = "x"'],
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'a "b"' } },
      { scheme: 'bearer', parameters: { realm: 'x' } },
    ],
  ],
  [undefined, []],
  ['', []],
  ['"', []],
])('the challenges of %j are read', (header, expected) => {
  expect(parseChallenges(header)).toEqual(expected)
})

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const challenge = fc.record({
  scheme: token,
  parameters: fc.dictionary(token, fc.string({ unit: 'grapheme-ascii' }), {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  }),
})

propertyTest.prop([fc.array(challenge, { minLength: 1, maxLength: 3 })])(
  'whatever is written is read',
  (challenges) => {
    const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
    const written = challenges.map(({ scheme, parameters }) => {
      return `${scheme} ${Object.entries(parameters)
        .map(([name, value]) => `${name}=${quoted(value)}`)
        .join(', ')}`
    })
    expect(parseChallenges(written.join(', '))).toEqual(challenges)
  },
)

propertyTest.prop([fc.string({ maxLength: 200 })])('nothing that a server says makes it stumble', (text) => {
  expect(parseChallenges(text)).toBeInstanceOf(Array)
})

test.each([
  ['http://tokens.example/token', 'its token service is at http://tokens.example, where everybody could read along'],
  ['ftp://tokens.example', 'its token service is at ftp://tokens.example'],
  ['', 'its token service is at no address'],
])('a password does not go to the token service %j of a registry with TLS', async (realm, problem) => {
  const host = { name: 'ghcr.io', authority: 'ghcr.io', credentialsKey: 'ghcr.io', isInsecure: false, isLocal: false }
  const auth = new RegistryAuth({
    host,
    repository: 'acme/web',
    configFile: 'config.json',
    credentials: async () => ({ source: 'config.json', user: 'ci', password: 'secret' }),
    ask: () => Promise.reject(new Error('it was asked')),
  })
  await expect(auth.answer([{ scheme: 'bearer', parameters: { realm } }])).rejects.toThrow(problem)
})

import { expect, test } from 'vitest'
import { documents } from './support/documents.ts'
import { httpRoute, service, translate, virtualService, web } from './support/translate.ts'

const toPort = (port: number) => `\n- route: [{ destination: { host: a, port: { number: ${port} } } }]`

test.each([
  ['a parent', httpRoute('\n- backendRefs: [{ name: a, port: 80 }]'), 80],
  ['a destination', virtualService(toPort(81)), 81],
])(
  'a port that %s names is told of where the target divides all ports and the Service is not given',
  async (_, objects, port) => {
    const { code, stderr } = await translate('smi', objects)
    expect(code).toBe(0)
    expect(stderr).toEqual([
      expect.stringMatching(
        new RegExp(`^stdin:6:3 AP7142 .* shop/web speaks of the ports ${port} of shop/web, .* smi divides all ports`),
      ),
    ])
  },
)

test.each([
  ['nothing names a port', virtualService('\n- route: [{ destination: { host: a } }]')],
  ['the Service tells its ports', documents(virtualService(toPort(80)), web, service('a'))],
])('nothing is told where %s', async (_, objects) => {
  expect(await translate('smi', objects)).toMatchObject({ code: 0, stderr: [] })
})

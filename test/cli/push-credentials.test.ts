import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { error, type Mood } from '../support/image-registry/memory-registry.ts'
import { again, auth, password, pusher, repository } from '../support/image-registry/pusher.ts'

const { config, home, push, registry, service } = pusher()

describe('a registry that asks who it is', () => {
  /** Lets in whoever shows this header. */
  const guard =
    (challenge: string, header: () => string): Mood =>
    ({ headers }) =>
      headers.authorization === header()
        ? undefined
        : error(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': challenge })

  test('by a name and a password, is shown those of docker login', async () => {
    const to = await registry(guard('Basic realm="a registry"', () => `Basic ${auth}`))
    await config({ auths: { [to.address]: { auth } } })
    expect(await push(to)).toHaveProperty('pushed')
  })

  test('finds them under the addresses of older versions', async () => {
    const to = await registry(guard('Basic realm="a registry"', () => `Basic ${auth}`))
    await config({ auths: { [`https://${to.address}/v1/`]: { username: 'ci', password } } })
    expect(await push(to)).toHaveProperty('pushed')
  })

  test('is not shown them unasked', async () => {
    const to = await registry()
    await config({ auths: { [to.address]: { auth } } })
    await push(to)
    expect(to.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })

  test('lets nobody in without any', async () => {
    const to = await registry(guard('Basic realm="a registry"', () => 'never'))
    expect((await push(to)).problem).toBe(
      `AP6024 you cannot push to ${to.address}: it wants credentials, and ${home.folder}/config.json has none for it. Log in with \`docker login ${to.address}\` (or write its configuration otherwise), as somebody who may push there; then push again.`,
    )
  })

  test('refuses a wrong password by the name of its owner', async () => {
    const to = await registry(guard('Basic realm="a registry"', () => 'never'))
    await config({ auths: { [to.address]: { auth } } })
    expect((await push(to)).problem).toContain(
      `ci of ${home.folder}/config.json may not push to ${repository}: status 401.`,
    )
  })

  test('by a token, gets one for this repository, and another when that expires', async () => {
    let issued = 0
    const tokens = await service(({ headers, path }) => {
      issued += 1
      const { searchParams } = new URL(path, 'http://tokens')
      const isRight =
        headers.authorization === `Basic ${auth}` && searchParams.get('scope') === `repository:${repository}:pull,push`
      return {
        status: isRight && searchParams.get('service') === 'images' ? 200 : 400,
        body: JSON.stringify({ token: `token-${issued}` }),
      }
    })
    const challenge = `Bearer realm="http://${tokens.address}/token",service="images"`
    let valid = 1
    const to = await registry((seen, earlier) => {
      if (earlier.length === 8) valid = 2
      return guard(challenge, () => `Bearer token-${valid}`)(seen, earlier)
    })
    await config({ auths: { [to.address]: { auth } } })
    expect(await push(to)).toHaveProperty('pushed')
    expect(issued).toBe(2)
  })

  test('exchanges an identity token for one', async () => {
    const tokens = await service(({ method, body }) => {
      const form = new URLSearchParams(String(body))
      const isRight =
        method === 'POST' && form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === password
      return { status: isRight ? 200 : 400, body: JSON.stringify({ access_token: 'one' }) }
    })
    const to = await registry(guard(`Bearer realm="http://${tokens.address}/token"`, () => 'Bearer one'))
    await config({ auths: { [to.address]: { identitytoken: password } } })
    expect(await push(to)).toHaveProperty('pushed')
  })

  test('has a token service that is busy', async () => {
    const tokens = await service((_, earlier) =>
      earlier.length === 0 ? { status: 503, headers: again } : { status: 200, body: '{"token":"one"}' },
    )
    const to = await registry(guard(`Bearer realm="http://${tokens.address}/token"`, () => 'Bearer one'))
    expect(await push(to)).toHaveProperty('pushed')
  })

  test('has a token service that stays busy, or gives nothing that is a token', async () => {
    let reply: ReturnType<Mood> = { status: 503, headers: again }
    const tokens = await service(() => reply)
    const to = await registry(guard(`Bearer realm="http://${tokens.address}/token"`, () => 'never'))
    expect((await push(to)).problem).toContain('does not take the request GET /token: status 503')
    reply = { status: 200, body: 'hello' }
    expect((await push(to)).problem).toContain('does not take the login: its token service gives no token')
  })

  test('has a token service that refuses', async () => {
    const tokens = await service(() => error(403, 'DENIED', 'requested access to the resource is denied'))
    const to = await registry(guard(`Bearer realm="http://${tokens.address}/token"`, () => 'never'))
    await config({ auths: { [to.address]: { auth } } })
    expect((await push(to)).problem).toContain(
      `AP6024 you cannot push to ${to.address}: ci of ${home.folder}/config.json may not push to ${repository}: DENIED: requested access to the resource is denied`,
    )
  })

  test('sends uploads elsewhere, which is not told who it is', async () => {
    const storage = await service(({ path }) => ({
      status: 201,
      headers: { 'docker-content-digest': new URL(path, 'http://s').searchParams.get('digest') ?? '' },
    }))
    const to = await registry((seen, earlier) => {
      if (seen.method === 'POST')
        return { status: 202, headers: { location: `http://${storage.address}/upload?signature=x` } }
      return guard('Basic realm="a registry"', () => `Basic ${auth}`)(seen, earlier)
    })
    await config({ auths: { [to.address]: { auth } } })
    expect(await push(to)).toHaveProperty('pushed')
    expect(storage.seen.length).toBeGreaterThan(2)
    expect(storage.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })

  describe('with credentials that a helper keeps', () => {
    const helper = async (name: string, script: string) => {
      const file = join(home.folder, `docker-credential-${name}`)
      await writeFile(file, `#!/bin/sh\nread -r server || :\n${script}\n`)
      await chmod(file, 0o755)
    }
    const guarded = () => registry(guard('Basic realm="a registry"', () => `Basic ${auth}`))

    test('is shown what the helper of the registry answers', async () => {
      const to = await guarded()
      await helper('mine', `[ "$1 $server" = "get ${to.address}" ] && echo '{"Username":"ci","Secret":"${password}"}'`)
      await config({ credsStore: 'absent', credHelpers: { [to.address]: 'mine' } })
      expect(await push(to)).toHaveProperty('pushed')
    })

    test('is shown those of the file where the store of all has none', async () => {
      const to = await guarded()
      await helper('store', 'echo "credentials not found in native keychain"; exit 1')
      await config({ credsStore: 'store', auths: { [to.address]: { auth } } })
      expect(await push(to)).toHaveProperty('pushed')
    })

    test.each([
      ['absent', undefined, 'is not on the PATH'],
      ['locked', 'echo "the keychain is locked"; exit 2', 'fails: the keychain is locked'],
      ['odd', `echo 'ci ${password}'`, 'answers something that is no JSON'],
      ['../up', undefined, 'is no name of a program'],
    ])('%s, says what is wrong with the helper', async (name, script, problem) => {
      const to = await guarded()
      if (script !== undefined) await helper(name, script)
      await config({ credsStore: name })
      expect((await push(to)).problem).toContain(
        `AP6024 you cannot push to ${to.address}: docker-credential-${name}, which ${home.folder}/config.json names, ${problem}`,
      )
    })
  })

  test.each([
    ['no JSON', `{"auths": ${password}`],
    ['a list', '[]'],
  ])('says that the configuration is none when it is %s', async (_, text) => {
    const to = await registry(guard('Basic', () => 'never'))
    await writeFile(join(home.folder, 'config.json'), text)
    expect((await push(to)).problem).toContain(`${home.folder}/config.json is no JSON object`)
  })
})

import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { canaryInstallation, folder } from '../support/canary-installation.ts'

const { cluster, deploy, canary } = canaryInstallation()

/** A way to a server that can be cut off and opened again, at the same port. */
class Way {
  readonly #sockets = new Set<Socket>()
  readonly #server: Server

  constructor(target: number) {
    this.#server = createServer((socket) => {
      const other = connect(target, '127.0.0.1')
      for (const one of [socket, other]) {
        this.#sockets.add(one)
        one.on('error', () => {}).on('close', () => this.#sockets.delete(one))
      }
      socket.pipe(other).pipe(socket)
    })
  }

  async open(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async cut(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

test('ap get -w waits for an API server that goes away, and goes on with what it says then', async () => {
  expect(await deploy()).toMatchObject({ code: 0 })
  const config = await readFile(cluster.kubeconfig, 'utf8')
  const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(config) ?? []
  const way = new Way(Number(port))
  const opened = await way.open()
  await writeFile(cluster.kubeconfig, config.replace(`127.0.0.1:${port}`, `127.0.0.1:${opened}`))

  const interrupt = new AbortController()
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })]
  const args = ['get', '-w', '--project', folder, '--kubeconfig', cluster.kubeconfig]
  const ended = main(args, { stdout, stderr, cwd: process.cwd(), env: {}, signal: interrupt.signal })
  const said = (stream: PassThrough) => once(stream, 'data').then(([text]) => String(text))
  expect(await said(stdout)).toBe('There is no CanaryDeployment in the namespace default\n')
  const waits = said(stderr)
  await way.cut()
  expect(await waits).toBe('the API server does not answer; waiting for it\n')
  const next = said(stdout)
  await canary()
  await way.open(opened)
  expect(await next).toContain('default/web')
  interrupt.abort()
  expect(await ended).toBe(130)
  await way.cut()
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect } from 'vitest'
import { parseImageName } from '../../../src/cli/build/image-name.ts'
import type { CommandIo } from '../../../src/cli/io.ts'
import { type Pushed, pushImage } from '../../../src/cli/push/push-image.ts'
import {
  type MemoryRegistry,
  type Mood,
  type SmallServer,
  startMemoryRegistry,
  startServer,
} from './memory-registry.ts'
import { smallImages } from './small-image.ts'

export const password = 'hunter2-and-more'
export const images = smallImages()
export const repository = 'team/small'
/** What Basic authentication makes of the password. */
export const auth = Buffer.from(`ci:${password}`).toString('base64')
/** Of an answer that is to be asked for again, at once. */
export const again = { 'retry-after': '0' }

/** What a push came to. */
export interface Outcome {
  readonly pushed?: Pushed
  readonly problem?: string
  readonly stderr: string
}

/** Somebody who pushes, with a folder that is home and has Docker's configuration; the servers are stopped after each test. */
export interface Pusher {
  /** Where everything is that is looked for; a new one for each test. */
  readonly home: { readonly folder: string }
  registry(mood?: Mood, leastChunk?: string): Promise<MemoryRegistry>
  service(answer: Mood): Promise<SmallServer>
  /** Pushes as `ap build --push` does, and makes sure that no secret is told. */
  push(to: SmallServer, what?: typeof images, signal?: AbortSignal): Promise<Outcome>
  /** Writes Docker's configuration. */
  config(content: object): Promise<void>
}

export function pusher(): Pusher {
  let folder: string
  let running: SmallServer[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ap-push-'))
    running = []
  })
  afterEach(async () => {
    await Promise.all(running.map((one) => one.stop()))
    await rm(folder, { recursive: true })
  })

  async function registry(mood?: Mood, leastChunk?: string): Promise<MemoryRegistry> {
    const started = await startMemoryRegistry(mood, leastChunk)
    running.push(started)
    return started
  }

  async function service(answer: Mood): Promise<SmallServer> {
    const started = await startServer(answer)
    running.push(started)
    return started
  }

  async function push(to: SmallServer, what = images, signal = new AbortController().signal): Promise<Outcome> {
    const stderr = new PassThrough()
    const env = { HOME: folder, DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH']}` }
    const io: CommandIo = { stdout: new PassThrough(), stderr, cwd: folder, env, signal }
    const outcome = await pushImage(
      parseImageName(`${to.address}/${repository}:1`),
      what,
      { insecure: false },
      io,
    ).then(
      (pushed) => ({ pushed }),
      (thrown: Error) => ({ problem: thrown.message }),
    )
    const told = { ...outcome, stderr: String(stderr.read() ?? '') }
    expect(JSON.stringify(told)).not.toContain(password)
    expect(JSON.stringify(told)).not.toContain(auth)
    return told
  }

  return {
    home: {
      get folder() {
        return folder
      },
    },
    registry,
    service,
    push,
    config: (content) => writeFile(join(folder, 'config.json'), JSON.stringify(content)),
  }
}

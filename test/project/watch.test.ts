import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import { type Clock, systemClock } from '../../src/kube/clock.ts'
import { loadOperatorConfig } from '../../src/project/load.ts'
import type { OperatorConfig } from '../../src/project/project.ts'
import { watchOperatorConfig } from '../../src/project/watch.ts'

const knownMeshes = ['istio', 'linkerd']

/** Real signs of the file system, but nobody waits for things to settle; only `tick` brings the fallback. */
class ImpatientClock implements Clock {
  readonly #timers = new Set<() => void>()
  now = () => 0
  elapsed = () => 0
  sleep = (_ms: number, signal?: AbortSignal) => systemClock.sleep(20, signal)

  after(_ms: number, action: () => void): () => void {
    this.#timers.add(action)
    return () => this.#timers.delete(action)
  }

  get waiting(): number {
    return this.#timers.size
  }

  tick(): void {
    for (const timer of [...this.#timers]) {
      this.#timers.delete(timer)
      timer()
    }
  }
}

let folder: string
let stop: AbortController
let clock: ImpatientClock
let watching: Promise<void>
let seen: (OperatorConfig | readonly Diagnostic[])[]
let told: () => void = () => {}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autopilot-'))
  stop = new AbortController()
  clock = new ImpatientClock()
  seen = []
})
afterEach(async () => {
  stop.abort()
  await watching
  await rm(folder, { recursive: true, force: true })
})

async function start(file: string): Promise<void> {
  const current = await loadOperatorConfig(file, { knownMeshes })
  const tell = (what: OperatorConfig | readonly Diagnostic[]) => {
    seen.push(what)
    told()
  }
  watching = watchOperatorConfig(file, current, {
    knownMeshes,
    clock,
    signal: stop.signal,
    onChange: tell,
    onInvalid: tell,
  })
}

/** Makes a change and returns the first thing that the watch tells after it. */
async function toldOn(change: () => unknown): Promise<OperatorConfig | readonly Diagnostic[] | undefined> {
  const next = new Promise<void>((resolve) => {
    told = resolve
  })
  await change()
  await next
  return seen.at(-1)
}

describe('following the configuration', () => {
  test('a plain write is seen, an invalid one keeps what was valid, and mending it back is no change', async () => {
    const file = join(folder, 'autopilot-operator.yaml')
    await writeFile(file, 'logLevel: 1')
    await start(file)
    expect(await toldOn(() => writeFile(file, 'logLevel: 2'))).toMatchObject({ logLevel: 2 })
    expect(await toldOn(() => writeFile(file, 'logLevel: loud'))).toMatchObject([{ code: 'AP1103' }])
    await writeFile(file, 'logLevel: 2 # as it was')
    expect(await toldOn(() => writeFile(file, 'logLevel: 3'))).toMatchObject({ logLevel: 3 })
    expect(seen.filter((told) => 'logLevel' in told).map((told) => 'logLevel' in told && told.logLevel)).toEqual([2, 3])
  })

  test('an editor that replaces the file is followed', async () => {
    const file = join(folder, 'autopilot-operator.yaml')
    await writeFile(file, 'meshProvider: istio')
    await start(file)
    for (const mesh of ['linkerd', 'istio']) {
      const change = async () => {
        await writeFile(`${file}~`, `meshProvider: ${mesh}`)
        await rename(`${file}~`, file)
      }
      expect(await toldOn(change)).toMatchObject({ meshProvider: mesh })
    }
  })

  test('a mounted ConfigMap is followed through the swap of its ..data link', async () => {
    const file = join(folder, 'autopilot-operator.yaml')
    const publish = async (version: string, text: string) => {
      await mkdir(join(folder, version))
      await writeFile(join(folder, version, 'autopilot-operator.yaml'), text)
      await symlink(version, join(folder, '..data_tmp'))
      await rename(join(folder, '..data_tmp'), join(folder, '..data'))
    }
    await publish('..2026_01', 'workInterval: 1s')
    await symlink('..data/autopilot-operator.yaml', file)
    await start(file)
    expect(await toldOn(() => publish('..2026_02', 'workInterval: 2s'))).toMatchObject({ workInterval: 2_000 })
    expect(await toldOn(() => publish('..2026_03', 'workInterval: 3s'))).toMatchObject({ workInterval: 3_000 })
  })

  test('where the file system tells nothing, the file is looked at now and then', async () => {
    const elsewhere = join(folder, 'elsewhere')
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'real.yaml'), 'logLevel: 1')
    const file = join(folder, 'autopilot-operator.yaml')
    await symlink(join(elsewhere, 'real.yaml'), file)
    await start(file)
    await expect.poll(() => clock.waiting).toBe(1)
    await writeFile(join(elsewhere, 'real.yaml'), 'logLevel: 0')
    expect(await toldOn(() => clock.tick())).toMatchObject({ logLevel: 0 })
  })

  test('a folder that is removed is trouble told once, and its return is found', async () => {
    const mount = join(folder, 'mount')
    const file = join(mount, 'autopilot-operator.yaml')
    await mkdir(mount)
    await writeFile(file, 'logLevel: 1')
    await start(file)
    expect(await toldOn(() => rm(mount, { recursive: true }))).toMatchObject([{ code: 'AP1008' }])
    await expect.poll(() => clock.waiting).toBe(1)
    clock.tick()
    await expect.poll(() => clock.waiting).toBe(1)
    await mkdir(mount)
    await writeFile(file, 'logLevel: 2')
    expect(await toldOn(() => clock.tick())).toMatchObject({ logLevel: 2 })
    expect(seen).toHaveLength(2)
  })

  test('stopping leaves no timer behind', async () => {
    const file = join(folder, 'autopilot-operator.yaml')
    await writeFile(file, '{}')
    await start(file)
    await expect.poll(() => clock.waiting).toBe(1)
    stop.abort()
    await watching
    expect(clock.waiting).toBe(0)
    expect(seen).toEqual([])
  })
})

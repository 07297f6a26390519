import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * How long `ap` takes to answer, beside a Node that has nothing to do: from this checkout, whose TypeScript Node reads itself, and from the
 * build that the package has. The calls take turns, so that all meet the same machine; what is compiled stays in Node's compile cache, as it
 * does for a user after the first call.
 *
 * `npm run bench:start` prints a table, `npm run bench:start -- --json` an array. Help is to take no more than 1.5 times that Node.
 */
const rounds = 30
const root = join(import.meta.dirname, '..')

interface Timing {
  readonly call: string
  /** Median of all rounds, and the shortest: what it takes when nothing else runs. Milliseconds. */
  readonly median: number
  readonly shortest: number
  /** How many times as long as the empty Node: by the medians, and by the shortest. */
  readonly ratio: number
  readonly shortestRatio: number
}

function time(calls: ReadonlyMap<string, readonly string[]>, cwd: string): Timing[] {
  const taken = new Map([...calls.keys()].map((call) => [call, [] as number[]]))
  // The first round fills the cache.
  for (let round = 0; round <= rounds; round++) {
    for (const [call, args] of calls) {
      const start = performance.now()
      const { status, stderr } = spawnSync(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
      if (status !== 0) throw new Error(`${call} exited with ${status}: ${stderr}`)
      if (round > 0) taken.get(call)?.push(performance.now() - start)
    }
  }
  const measured = [...taken].map(([call, times]) => {
    times.sort((a, b) => a - b)
    return { call, median: times[rounds >> 1] ?? 0, shortest: times[0] ?? 0 }
  })
  const [empty] = measured
  if (empty === undefined) return []
  return measured.map((one) => ({
    ...one,
    ratio: one.median / empty.median,
    shortestRatio: one.shortest / empty.shortest,
  }))
}

/** The program as the package has it, in a new folder. */
function packed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ap-bench-'))
  for (const path of ['bin', 'package.json']) cpSync(join(root, path), join(folder, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const compiler = join(root, 'node_modules', '.bin', 'tsc')
  execFileSync(compiler, ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')])
  return folder
}

const objects = `
{ apiVersion: v1, kind: Service, metadata: { name: web }, spec: { ports: [{ port: 80 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: web-v1 }, spec: { ports: [{ port: 80 }] } }
---
apiVersion: split.smi-spec.io/v1alpha4
kind: TrafficSplit
metadata: { name: web }
spec: { service: web, backends: [{ service: web-v1, weight: 1 }] }
`

const folder = packed()
try {
  writeFileSync(join(folder, 'web.yaml'), objects)
  const checkout = join(root, 'bin', 'ap.js')
  const build = join(folder, 'bin', 'ap.js')
  const request = ['--request', 'GET http://web/']
  const commands = [
    ['--help'],
    ['--version'],
    ['capabilities'],
    ['translate', '--to', 'istio', '-f', 'web.yaml'],
    ['route', '--mesh', 'smi', '-f', 'web.yaml', ...request],
  ]
  const calls = new Map([
    ['node -e 0', ['-e', '0']],
    ...[
      { program: checkout, where: 'checkout' },
      { program: build, where: 'package' },
    ].flatMap(({ program, where }) =>
      commands.map((args): [string, string[]] => [`ap ${args[0]} (${where})`, [program, ...args]]),
    ),
  ])
  const timings = time(calls, folder)
  if (process.argv.includes('--json')) console.log(JSON.stringify(timings, null, 2))
  else {
    for (const { call, median, shortest, ratio, shortestRatio } of timings)
      console.log(
        `${call.padEnd(26)} ${median.toFixed(0).padStart(4)} ms ${ratio.toFixed(2).padStart(5)} × ` +
          `   shortest ${shortest.toFixed(0).padStart(4)} ms ${shortestRatio.toFixed(2).padStart(5)} ×`,
      )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

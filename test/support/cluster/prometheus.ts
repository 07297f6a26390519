import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CounterpartMissing } from './binaries.ts'
import { command, findProgram, isExecutable } from './command.ts'
import { type ClusterEnvironment, clusterEnvironment } from './environment.ts'
import { freePort } from './ports.ts'
import { start, waitFor } from './processes.ts'

/** Prometheus and its `promtool`, by path. */
export interface PrometheusPrograms {
  readonly prometheus: string
  readonly promtool: string
}

/**
 * Finds the real ones: `PROMETHEUS_BIN` with `promtool` beside it, else those on the search path. Gives undefined when there are
 * none, so that a user's suite is skipped; throws `CounterpartMissing` in CI.
 */
export async function findPrometheus(
  environment: ClusterEnvironment = clusterEnvironment(),
): Promise<PrometheusPrograms | undefined> {
  const prometheus = environment.prometheus ?? (await findProgram('prometheus'))
  const beside = prometheus === undefined ? undefined : join(dirname(prometheus), 'promtool')
  const promtool = beside !== undefined && (await isExecutable(beside)) ? beside : await findProgram('promtool')
  if (prometheus !== undefined && promtool !== undefined && (await isExecutable(prometheus)))
    return { prometheus, promtool }
  if (!environment.ci) return undefined
  throw new CounterpartMissing('no Prometheus here: install the Debian package prometheus, or set PROMETHEUS_BIN')
}

/** What to scrape: `127.0.0.1:<port>`, and the labels that its series get besides their own. */
export interface ScrapeTarget {
  readonly job: string
  readonly address: string
  readonly path?: string
  /** What the page is asked for, such as the part of it that is wanted. */
  readonly query?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  /** `metric_relabel_configs` as in Prometheus' configuration, to rename what a proxy exports. */
  readonly relabel?: readonly object[]
}

export interface RunningPrometheus {
  readonly url: string
  readonly pid: number
  /** What it says of its targets: whether each is up, how long it took to read, and what went wrong last. */
  scrapes(): Promise<unknown>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Starts a real Prometheus on a free loopback port that scrapes every second, and waits until it is ready. */
export async function startPrometheus(
  programs: PrometheusPrograms,
  targets: readonly ScrapeTarget[],
): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'autopilot-prometheus-'))
  const config = join(folder, 'prometheus.yml')
  await writeFile(config, JSON.stringify(configuration(targets), undefined, 2))
  await command(programs.promtool, ['check', 'config', config])
  const port = await freePort()
  const running = await start(
    'prometheus',
    programs.prometheus,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    folder,
  )
  const stop = async () => {
    await running.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  const ready = async () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  try {
    await waitFor('Prometheus is ready', ready, { processes: [running] })
  } catch (error) {
    await stop()
    throw error
  }
  const scrapes = async () => {
    const answer = (await (await fetch(`${url}/api/v1/targets?state=active`)).json()) as Scraped
    return answer.data.activeTargets.map(({ scrapePool, health, lastError, lastScrapeDuration }) => {
      return { scrapePool, health, lastError, lastScrapeDuration }
    })
  }
  return { url, pid: running.pid, scrapes, stop }
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#targets, as far as it is read. */
interface Scraped {
  readonly data: {
    readonly activeTargets: readonly {
      readonly scrapePool: string
      readonly health: string
      readonly lastError: string
      readonly lastScrapeDuration: number
    }[]
  }
}

function configuration(targets: readonly ScrapeTarget[]): object {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    scrape_configs: targets.map(({ job, address, path = '/metrics', query = {}, labels = {}, relabel = [] }) => ({
      job_name: job,
      metrics_path: path,
      params: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
      static_configs: [{ targets: [address], labels }],
      metric_relabel_configs: relabel,
    })),
  }
}

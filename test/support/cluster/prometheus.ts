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
  readonly labels?: Readonly<Record<string, string>>
  /** `metric_relabel_configs` as in Prometheus' configuration, to rename what a proxy exports. */
  readonly relabel?: readonly object[]
}

export interface RunningPrometheus {
  readonly url: string
  readonly pid: number
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
  return { url, pid: running.pid, stop }
}

function configuration(targets: readonly ScrapeTarget[]): object {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    scrape_configs: targets.map(({ job, address, path = '/metrics', labels = {}, relabel = [] }) => ({
      job_name: job,
      metrics_path: path,
      static_configs: [{ targets: [address], labels }],
      metric_relabel_configs: relabel,
    })),
  }
}

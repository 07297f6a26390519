import { stringify } from 'yaml'
import { systemClock } from '../../kube/clock.ts'
import type { Connection } from '../../kube/connect.ts'
import { ApiError, ConnectionError } from '../../kube/errors.ts'
import { type KubeObject, keyOf } from '../../kube/object.ts'
import type { MeshProvider } from '../../mesh/adapter.ts'
import { fieldsOf, numberOf, textOf } from '../../mesh/fields.ts'
import { age } from '../cluster/age.ts'
import { atCluster } from '../cluster/at-cluster.ts'
import { Changes } from '../cluster/changes.ts'
import { findResources } from '../cluster/find-resources.ts'
import { type OperatorHere, operatorHere } from '../cluster/operator-here.ts'
import { resourceKind } from '../cluster/resource-kind.ts'
import { columnsOf, widthOf } from '../columns.ts'
import { colorsFor } from '../demo/paint.ts'
import { type Column, table } from '../demo/table.ts'
import { type CommandIo, exitCode, UsageError } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { observeResource, requestedSplits } from './observe-resource.ts'
import { viewOf } from './resource-view.ts'
import { shares, tree } from './tree.ts'

const waiting = 'the API server does not answer; waiting for it\n'

type Format = 'text' | 'wide' | 'json' | 'yaml'

/** Traffic is looked at anew this often, in milliseconds; a resource that changes is shown at once. */
const pause = 2_000

/**
 * `ap get`: the resources of a project's kind; of one that is named, all there is to know. `-w` goes on until it is interrupted: a
 * terminal shows the present state, anything else gets each new one.
 */
export async function runGet(
  [name]: readonly string[],
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
  providers: readonly MeshProvider[],
): Promise<number> {
  const format = requireOutputFormat(options['output'], ['text', 'wide', 'json', 'yaml'])
  const watch = options['watch'] === true
  const everywhere = options['allNamespaces'] === true
  if (everywhere && name !== undefined) throw new UsageError('-A lists all namespaces; a resource is named in one')
  if (everywhere && options['namespace'] !== undefined) throw new UsageError('-A and -n exclude each other')
  if (watch && (format === 'json' || format === 'yaml'))
    throw new UsageError(`-w goes with text, not with -o ${format}`)
  const here = await operatorHere(String(options['project']), io, providers)
  return atCluster(options, io, async (connection) => {
    const namespace = everywhere ? undefined : (textOf(options['namespace']) ?? connection.namespace ?? 'default')
    const show = async () => {
      const found = await findResources(connection, here.project, namespace, name, io.signal)
      return render(found, { connection, here, format, io, namespace, named: name !== undefined })
    }
    const isTerminal = io.stdout.isTTY === true
    const began = systemClock.now()
    // What only grows older is nothing new to a reader that is no terminal.
    const known = (shown: Shown) => shown(isTerminal ? systemClock.now() : began)
    const first = await show()
    io.stdout.write(first(systemClock.now()))
    if (!watch) return exitCode.ok
    let away = false
    const changes = new Changes(connection.client, resourceKind(here.project), namespace)
    try {
      for (let last = known(first); ; ) {
        await changes.next(pause, io.signal)
        io.signal.throwIfAborted()
        const shown = await unlessAway(show)
        if (shown === undefined) {
          if (!away) io.stderr.write(waiting)
          // On a terminal it stands below the text, and goes with it.
          if (!away && isTerminal) last += waiting
          away = true
          continue
        }
        away = false
        const next = known(shown)
        if (next === last) continue
        io.stdout.write(isTerminal ? over(last, io) + next : `\n${shown(systemClock.now())}`)
        last = next
      }
    } finally {
      await changes.stop()
    }
  })
}

/** Undefined while the API server is out of reach, or is starting. */
async function unlessAway(show: () => Promise<Shown>): Promise<Shown | undefined> {
  try {
    return await show()
  } catch (error) {
    if (error instanceof ConnectionError || (error instanceof ApiError && (error.code === 429 || error.code >= 500)))
      return undefined
    throw error
  }
}

/** Moves a terminal back to where a text began, and clears what is there. */
function over(text: string, { stdout }: CommandIo): string {
  const columns = stdout.columns ?? 80
  const rows = text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), -1)
  return `\u001b[${rows}A\r\u001b[J`
}

interface Rendering {
  readonly connection: Connection
  readonly here: OperatorHere
  readonly format: Format
  readonly io: CommandIo
  readonly named: boolean
  /** Absent for all. */
  readonly namespace: string | undefined
}

/** What there is to say, by the time (milliseconds since 1970) to which ages are told. */
type Shown = (now: number) => string

async function render(resources: readonly KubeObject[], rendering: Rendering): Promise<Shown> {
  const { connection, here, format, io, named } = rendering
  if (format === 'json' || format === 'yaml') {
    const shown = named ? resources[0] : { apiVersion: 'v1', kind: 'List', items: resources }
    return () => (format === 'json' ? `${JSON.stringify(shown, null, 2)}\n` : stringify(shown, { lineWidth: 0 }))
  }
  const place = rendering.namespace === undefined ? 'in this cluster' : `in the namespace ${rendering.namespace}`
  if (resources.length === 0) return () => `There is no ${here.project.kind} ${place}\n`
  const width = Math.max(40, columnsOf(io, 100))
  if (!named) return (now) => `${list(resources, here, { wide: format === 'wide', width, now }).join('\n')}\n`
  const colors = colorsFor(io.stdout.isTTY === true, io.env)
  const views = await Promise.all(
    resources.map(async (resource) => {
      const traffic = await observeResource(connection.client, here.adapter, resource, io.signal)
      return viewOf(resource, here.project, traffic)
    }),
  )
  return (now) => `${views.flatMap((view) => tree(here.project.kind, view, { width, now, colors })).join('\n')}\n`
}

function list(
  resources: readonly KubeObject[],
  { project }: OperatorHere,
  { wide, width, now }: { readonly wide: boolean; readonly width: number; readonly now: number },
): string[] {
  const hasWeight = resources.some(({ status }) => numberOf(fieldsOf(status)['weight']) !== undefined)
  const columns: Column[] = [
    { title: 'NAME' },
    { title: 'PHASE' },
    ...(hasWeight ? [{ title: 'WEIGHT' }] : []),
    { title: 'READY' },
    { title: 'AGE' },
    ...(wide ? [{ title: 'ASKED FOR', wraps: true }] : []),
    { title: 'REASON', wraps: true },
  ]
  const rows = resources.map((resource) => {
    const view = viewOf(resource, project, [])
    const ready = view.conditions.find(({ type }) => type === 'Ready')
    const weight = numberOf(fieldsOf(resource.status)['weight'])
    return [
      keyOf(resource.metadata),
      view.phase,
      ...(hasWeight ? [weight === undefined ? '' : String(weight)] : []),
      ready?.status ?? 'Unknown',
      age(view.created, now),
      ...(wide ? [requestedText(resource)] : []),
      view.waits,
    ]
  })
  return table(columns, rows, width)
}

function requestedText(resource: KubeObject): string {
  return requestedSplits(resource)
    .map(({ apex, weights }) => `${apex.name}: ${shares(weights)}`)
    .join('; ')
}

import type { MeshProvider } from '../../mesh/adapter.ts'
import { didYouMean } from '../../project/nearest.ts'
import { UsageError } from '../io.ts'
import { requireOutputFormat } from '../output-format.ts'
import { type ScenarioName, scenarios } from './podinfo.ts'

/** Options of `ap demo` as they come from the command line; lists may be repeated or divided by commas, in any case. */
export type DemoOptions = Readonly<
  Partial<Record<'mesh' | 'scenario' | 'speed' | 'seed' | 'serve' | 'output', unknown>>
>

export interface DemoPlan {
  readonly providers: readonly MeshProvider[]
  readonly scenarios: readonly ScenarioName[]
  /** Virtual seconds per real second; undefined is as fast as it goes. */
  readonly speed: number | undefined
  readonly seed: number
  readonly serve: boolean
  readonly format: 'text' | 'json'
}

/** Throws a UsageError for the first option that makes no sense. */
export function planDemo(options: DemoOptions, providers: readonly MeshProvider[]): DemoPlan {
  const meshes = new Map(providers.map((provider) => [provider.name, provider]))
  const names = namesIn(options.mesh)
  const chosen = names.length === 0 ? [...meshes.keys()] : names
  return {
    providers: chosen.map((name) => meshes.get(name) ?? unknown('mesh', name, [...meshes.keys()])),
    scenarios: chosenScenarios(namesIn(options.scenario)),
    speed:
      options.speed === undefined
        ? undefined
        : number('--speed', String(options.speed), (value) => value > 0, 'a number above 0'),
    seed:
      options.seed === undefined
        ? 1
        : number(
            '--seed',
            String(options.seed),
            (value) => Number.isSafeInteger(value) && value >= 0,
            'a whole number from 0',
          ),
    serve: options.serve === true,
    format: requireOutputFormat(options.output ?? 'text', ['text', 'json']),
  }
}

function chosenScenarios(names: readonly string[]): ScenarioName[] {
  if (names.length === 0) return ['good', 'bad']
  return names.map((name) => scenarios.find((known) => known === name) ?? unknown('scenario', name, scenarios))
}

function namesIn(option: unknown): string[] {
  const values = Array.isArray(option) ? option : [option ?? '']
  const names = values.flatMap((value) => String(value).split(',')).map((name) => name.trim().toLowerCase())
  return [...new Set(names.filter((name) => name !== ''))]
}

function unknown(what: string, name: string, known: readonly string[]): never {
  throw new UsageError(
    `there is no ${what} ${JSON.stringify(name)}${didYouMean(name, known)}; there are ${known.join(', ')}`,
  )
}

function number(option: string, text: string, accepts: (value: number) => boolean, wanted: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && accepts(value)) return value
  throw new UsageError(`${option} ${JSON.stringify(text)} is not ${wanted}`)
}

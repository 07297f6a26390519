import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type GuideStep, guideSteps, isAsPrinted } from './guide.ts'
import type { Terminal } from './terminal.ts'

export interface Guided {
  readonly terminal: Terminal
  /** What the world is like here, by what the page calls it: `http://localhost:9090`. */
  readonly names: Readonly<Record<string, string>>
}

/** Defines a test for each step of a page of `docs/guide`, in order. `skips` gives why a step cannot be done here, if it cannot. */
export async function followGuide(
  page: string,
  reader: () => Guided,
  skips: (step: GuideStep) => boolean = () => false,
): Promise<void> {
  const steps = await stepsOf(page)
  for (const step of steps) {
    test.skipIf(skips(step))('file' in step ? step.file : `$ ${step.command}`, () => doStep(step, reader()))
  }
  test('the page has something to do', () => expect(steps.length).toBeGreaterThan(3))
}

/** What a page of `docs/guide` has its reader do, in order. */
export async function stepsOf(page: string): Promise<GuideStep[]> {
  return guideSteps(await readFile(join(import.meta.dirname, '../../../docs/guide', page), 'utf8'))
}

/** Does what a guide says, and fails where something else comes of it. */
export async function doStep(step: GuideStep, { terminal, names }: Guided): Promise<void> {
  if ('file' in step) return terminal.write(step.file, step.text)
  const { printed, mode } = step
  const command = Object.entries(names).reduce((text, [said, here]) => text.replaceAll(said, here), step.command)
  if (mode === 'background') {
    await terminal.start(command, (text) => isAsPrinted(`…\n${printed}…`, text))
    return
  }
  const typed = await terminal.type(command)
  const shown = Object.entries(names).reduce((text, [said, here]) => text.replaceAll(here, said), typed.printed)
  if (!isAsPrinted(printed, shown)) expect(shown).toBe(printed)
  expect(typed.code === 0).toBe(mode !== 'fails')
}

import { loadProject } from '../../project/load.ts'
import { generateCode } from '../generate/generate-project.ts'

/** What became of the code of a project whose autopilot.yaml changed. */
export interface RenewedCode {
  /** The files that were written; relative to the project. */
  readonly written: readonly string[]
  /** A line for each of them, and for each that was kept because somebody changed it. */
  readonly lines: readonly string[]
  /** What is wrong with the project, or kept a file from being written. */
  readonly problem?: string
}

/** Writes the code that follows from autopilot.yaml, and stubs of workers that there are not yet. Manifests wait for `ap generate`. */
export async function renewCode(folder: string): Promise<RenewedCode> {
  try {
    const { project } = await loadProject('.', folder)
    const planned = await generateCode(folder, project, { overwrite: false, check: false })
    const of = (...states: string[]) => planned.filter(({ state }) => states.includes(state)).map(({ path }) => path)
    return {
      written: of('created', 'changed', 'obsolete'),
      lines: [
        ...of('created').map((path) => `created ${path}`),
        ...of('changed').map((path) => `renewed ${path}`),
        ...of('obsolete').map((path) => `removed ${path}`),
        ...of('edited', 'taken').map(
          (path) => `kept ${path}, which was changed by hand: remove it to have it made anew`,
        ),
      ],
    }
  } catch (error) {
    return { written: [], lines: [], problem: error instanceof Error ? error.message : String(error) }
  }
}

import { verbsOf } from '../../src/operator/orders.ts'
import { fileName, typeName, valueName } from '../../src/project/code-names.ts'
import type { Phase, Project } from '../../src/project/project.ts'
import { formatTypeScript } from './format.ts'
import { aKind, listOf } from './names.ts'
import { forUser, type ProjectFile } from './project-file.ts'

/** `src/workers/<phase>.ts`: does nothing and stays, so that the project compiles and runs from the start. */
export async function workerStub(phase: Phase, { verbs }: Pick<Project, 'verbs'>): Promise<ProjectFile> {
  const name = typeName(phase.name)
  const next = phase.next === undefined ? "'AnotherPhase'" : phase.next.map((name) => `'${name}'`).join(' or ')
  const words = verbsOf({ verbs }, phase.name).map((verb) => verb.name)
  const told = words.length === 0 ? '' : `\n// People may tell it to ${words.join(' or to ')}: context.command.`
  const text = `
    import type { ${name}Result, ${name}Worker } from '../generated/phases.ts'

    /** ${phase.description === '' ? phase.name : phase.description.replaceAll('*/', '* /').replace(/\.?$/, '.')} */
    export const ${valueName(phase.name)}: ${name}Worker = {
      sync({ resource }): ${name}Result {
        // Reads ${listOf(phase.inputs)}; may emit ${listOf(phase.outputs)}. Going on: return { next: ${next} }.${told}
        return { reason: \`nothing is done for \${resource.metadata.name} yet\` }
      },
    }`
  return forUser(workerPath(phase.name), await formatTypeScript(text))
}

/** Where the worker of a phase is. */
export function workerPath(phase: string): string {
  return `src/workers/${fileName(phase)}.ts`
}

/** `src/finalizer.ts`: nothing to give back. */
export async function finalizerStub({ kind }: Project): Promise<ProjectFile> {
  const text = `
    import type { ${kind}Finalizer } from './generated/phases.ts'

    /** Runs before ${aKind(kind)} goes away, until it answers \`done\`. What the resource owns is deleted after that. */
    export const finalizer: ${kind}Finalizer = {
      sync() {
        return { done: true }
      },
    }`
  return forUser('src/finalizer.ts', await formatTypeScript(text))
}

/** `src/spec.ts`: the resource's own fields. */
export async function specStub({ kind }: Project): Promise<ProjectFile> {
  const text = `
    import { z } from 'zod'

    /** What users write under \`spec\`: the types of the workers and the schema of the CRD are made from it. */
    export const spec = z.object({
      service: z.string().describe('The Service that clients call'),
    })

    /** What the workers of ${aKind(kind)} remember under \`status\`. */
    export const status = z.object({})`
  return forUser('src/spec.ts', await formatTypeScript(text))
}

import { verbsOf } from '../../src/operator/orders.ts'
import { typeName } from '../../src/project/code-names.ts'
import type { Phase, Project } from '../../src/project/project.ts'
import { formatTypeScript } from './format.ts'
import { type KindSchema, typeNameOf } from './kinds-file.ts'
import { aKind, unionOf } from './names.ts'
import { generated, type ProjectFile } from './project-file.ts'

/** What the types depend on besides the project. */
export interface TypeSurroundings {
  /** What files in `src/generated` import the library by. */
  readonly library: string
  /** What files in `test` import its testing part by. */
  readonly testing: string
  /** Kinds whose types are generated, from their CRDs. */
  readonly typedKinds: readonly KindSchema[]
}

/** `src/generated/phases.ts`: what each phase may read, emit and go to, as types. */
export async function phaseTypes(project: Project, surroundings: TypeSurroundings): Promise<ProjectFile> {
  const { kind, phases, enableFinalizer } = project
  const working = phases.filter(({ final }) => !final)
  const finalizer = enableFinalizer ? finalizerTypes(project, surroundings) : ''
  const kinds = kindsOf(project, surroundings)
  const text = `
    import type { ${enableFinalizer ? 'FinalizerWorker, ' : ''}PhaseWorker, ResourceOf, ResultOf } from '${surroundings.library}'
    import type { z } from 'zod'
    import type { spec, status } from '../spec.ts'
    ${importKinds(project, surroundings)}

    export type ${kind}Spec = z.output<typeof spec>
    export type ${kind}Status = z.output<typeof status>
    export type ${kind} = ResourceOf<typeof spec, typeof status>

    ${working.map((phase) => phaseType(phase, project, kinds)).join('\n\n')}

    ${finalizer}`
  return generated('src/generated/phases.ts', await formatTypeScript(text))
}

function phaseType(phase: Phase, { kind, phases, verbs }: Project, kinds: string): string {
  const name = typeName(phase.name)
  const next = phase.next ?? phases.map((other) => other.name)
  const allowed = verbsOf({ verbs }, phase.name).map(({ name }) => name)
  return `
    /** ${sentence(phase)} */
    export interface ${name}Phase {
      resource: ${kind}
      inputs: ${unionOf(phase.inputs)}
      outputs: ${unionOf(phase.outputs)}
      next: ${unionOf([...new Set([phase.name, ...next])])}${allowed.length > 0 ? `\nverbs: ${unionOf(allowed)}` : ''}
      status: ${kind}Status
      ${kinds}
    }

    export type ${name}Result = ResultOf<${name}Phase>
    export type ${name}Worker = PhaseWorker<${name}Phase>`
}

/** The finalizer may use whatever some phase may. */
function finalizerTypes(project: Project, surroundings: TypeSurroundings): string {
  const { kind, phases } = project
  const names = (side: 'inputs' | 'outputs') => unionOf([...new Set(phases.flatMap((phase) => phase[side]))])
  return `
    /** The finalizer: what runs before ${aKind(kind)} goes away. */
    export interface ${kind}Finalization {
      resource: ${kind}
      inputs: ${names('inputs')}
      outputs: ${names('outputs')}
      status: ${kind}Status
      ${kindsOf(project, surroundings)}
    }

    export type ${kind}Finalizer = FinalizerWorker<${kind}Finalization>`
}

function importKinds(project: Project, { typedKinds }: TypeSurroundings): string {
  const names = typedKinds.map(({ name }) => typeNameOf(project, typedKinds, name)).sort()
  return names.length === 0 ? '' : `import type { ${names.join(', ')} } from './kinds.ts'`
}

function kindsOf(project: Project, { typedKinds }: TypeSurroundings): string {
  const own = project.customParameters
    .filter(({ apiGroup, singleName }) => apiGroup === project.group && singleName === project.kind)
    .map(({ lowerName }) => `${JSON.stringify(lowerName)}: ${project.kind}`)
  const typed = typedKinds.map(({ name }) => `${JSON.stringify(name)}: ${typeNameOf(project, typedKinds, name)}`)
  const fields = [...own, ...typed]
  return fields.length === 0 ? '' : `kinds: { ${fields.join('; ')} }`
}

function sentence({ name, description }: Phase): string {
  return description === '' ? name : description.replaceAll('*/', '* /').replace(/\.?$/, '.')
}

import { fileName, typeName, valueName } from '../../src/project/code-names.ts'
import type { Phase, Project } from '../../src/project/project.ts'
import { formatTypeScript } from './format.ts'
import { generated, type ProjectFile } from './project-file.ts'

/** `src/generated/operator.ts`: the table by which the scheduler finds a phase's worker; what `ap run` loads. */
export async function entryPoint(project: Project, library: string): Promise<ProjectFile> {
  const { enableFinalizer } = project
  const working = project.phases.filter(({ final }) => !final)
  const rows = working.map(({ name }) => `${name}: ${valueName(name)} satisfies ${typeName(name)}Worker,`)
  const text = `
    ${[
      `import { defineOperator } from '${library}'`,
      ...(enableFinalizer ? ["import { finalizer } from '../finalizer.ts'"] : []),
      "import { spec, status } from '../spec.ts'",
      ...working.map(importOf).sort(byPath),
    ].join('\n')}
    import type { ${working
      .map(({ name }) => `${typeName(name)}Worker`)
      .sort()
      .join(', ')} } from './phases.ts'

    /**
    ${project.phases.map(row).join('\n')}
     */
    export default defineOperator({
      spec,
      status,
      workers: {
        ${rows.join('\n')}
      },
      ${enableFinalizer ? 'finalizer,' : ''}
    })`
  return generated('src/generated/operator.ts', await formatTypeScript(text))
}

function importOf({ name }: Phase): string {
  return `import { ${valueName(name)} } from '../workers/${fileName(name)}.ts'`
}

/** As editors order imports. */
function byPath(a: string, b: string): number {
  return (a.split('from ')[1] ?? '') < (b.split('from ')[1] ?? '') ? -1 : 1
}

/** ` * - Waiting → Evaluating`: the way of the workflow, for its reader. */
function row({ name, initial, final, next }: Phase): string {
  const role = initial ? ' (initial)' : final ? ' (final)' : ''
  const way = final ? '' : ` → ${next === undefined ? 'any phase' : next.join(', ')}`
  return ` * - ${name}${role}${way}`
}

import { forUser } from '../project/project-file.ts'
import type { ProjectTemplate } from './template.ts'

/** The three phases of the original's `ap init`, with neutral splits in place of VirtualServices. */
export const blank: ProjectTemplate = {
  name: 'blank',
  description: 'three phases with nothing in them yet',
  defaultKind: 'Example',
  files: ({ kind, group, version, operatorName }) => [
    forUser(
      'autopilot.yaml',
      `kind: ${kind}
apiVersion: ${group}/${version}
operatorName: ${operatorName}
phases:
  - name: Initializing
    description: ${kind} has begun initializing
    initial: true
    outputs: [trafficsplits]
    next: [Processing]
  - name: Processing
    description: ${kind} has begun processing
    inputs: [metrics]
    outputs: [trafficsplits]
    next: [Finished]
  - name: Finished
    description: ${kind} has finished
    final: true
`,
    ),
  ],
}

import type { KubeClient } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Project } from '../../project/project.ts'
import type { CommandIo } from '../io.ts'

/** Where the operator is that goes. */
export interface Retiring {
  readonly client: KubeClient
  readonly project: Project
  /** That of the operator. */
  readonly namespace: string
  /** Milliseconds. */
  readonly timeout: number
  readonly io: Pick<CommandIo, 'signal'>
}

export interface Retirement extends Retiring {
  readonly resources: readonly KubeObject[]
  readonly say: (word: string, text: string) => void
}

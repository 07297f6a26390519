import type { ProjectFile } from '../project/project-file.ts'

/** What a new project is made for. */
export interface ProjectIdentity {
  readonly kind: string
  readonly group: string
  readonly version: string
  /** A DNS label. */
  readonly operatorName: string
  readonly mesh: string
}

/** A project to begin with. */
export interface ProjectTemplate {
  readonly name: string
  /** One line for `--help` and prompts. */
  readonly description: string
  readonly defaultKind: string
  /** Its autopilot.yaml, and code of the user's where stubs would not do; stubs for the rest come from `ap generate`. */
  files(identity: ProjectIdentity): ProjectFile[]
}

import { blank } from './blank.ts'
import { canary } from './canary.ts'
import type { ProjectTemplate } from './template.ts'

/** What `ap init --template` knows, in the order in which it is offered. */
export const templates: readonly ProjectTemplate[] = [blank, canary]

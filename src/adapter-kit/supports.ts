import type { Feature } from '../mesh/capabilities.ts'

/** Whether what is generated may ask for a feature. */
export type Supports = (feature: Feature) => boolean

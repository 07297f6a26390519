/**
 * The conformance kit: `describeAdapter(provider, { describe, test })` runs the laws that every adapter keeps, under vitest or
 * node:test; `adapterLaws(adapter)` gives them to any other runner. Needs fast-check.
 */
export { comparable } from './comparable-decision.ts'
export { describeAdapter, type KitOptions, type TestRunner } from './describe-adapter.ts'
export { apex, generatedServices } from './generated-services.ts'
export { type Contradiction, type Law, LawBroken, type LawOptions } from './law.ts'
export { adapterLaws } from './laws.ts'
export { meshRequest } from './request-arbitraries.ts'
export { serviceTraffic } from './traffic-arbitraries.ts'

/** What the tests of a project import: `mesh-autopilot/testing`. */
export type { Simulation } from '../simulator/simulation.ts'
export { type HttpClientsOptions, httpClients, httpService } from './http-world.ts'
export { readObjects } from './read-objects.ts'
export { type ProjectSimulationOptions, simulateProject } from './simulate-project.ts'

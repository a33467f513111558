/** For authors of transports and storages: the contracts, and the doubles that pass them. */
export { type Backend, createBackend, type Outcome, type Said } from './backend.ts'
export { type MemoryOptions, type MemoryTransport, memoryTransport } from './memory.ts'
export {
  type Scenario,
  type ScenarioLink,
  type ScenarioOptions,
  type ScenarioStep,
  scenario,
  type VisitorDeed,
  type Who
} from './scenario.ts'
export { type OpenStorageUnderTest, storageContract } from './storage-contract.ts'
export { type Rig, type TransportCase, transportContract } from './transport-contract.ts'

/** For authors of transports and storages: the contracts, and the doubles that pass them. */
export { type Backend, createBackend, type Outcome } from './backend.ts'
export { type MemoryOptions, type MemoryTransport, memoryTransport } from './memory.ts'
export { type OpenStorageUnderTest, storageContract } from './storage-contract.ts'
export { type Rig, type TransportCase, transportContract } from './transport-contract.ts'

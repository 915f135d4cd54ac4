import { fleetStoreContract } from './fleet-store.contract.ts'
import { MemoryFleetStore } from './fleet-store.memory.ts'

const store = new MemoryFleetStore()
fleetStoreContract('the memory store', () => store)

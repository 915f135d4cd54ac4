import { decisionLogContract } from './decision-log.contract.ts'
import { createMemoryDecisionLog } from './decision-log.memory.ts'

decisionLogContract('the log in memory', async () => {
  const log = createMemoryDecisionLog()
  return { log, written: async () => log, close: async () => undefined }
})

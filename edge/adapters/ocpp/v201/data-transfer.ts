import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { Reply } from '../rpc/route.ts'

/** We know no vendor's own messages. */
export const dataTransfer = (): Reply => {
  const answer: Answers['DataTransfer'] = { status: 'UnknownVendorId' }
  return { answer }
}

import type { Logger } from './logger.ts'
import type { Reply, StationCall } from './rpc/route.ts'
import { plainWord, textOf } from './tolerant.ts'

/** Characters of data that are looked at: a certificate chain fits. */
const LONGEST = 16_384

/** How one message of a vendor is understood; it gets the data as its payload. */
export type VendorMessage = (call: StationCall) => Reply | Promise<Reply>
/** The messages of one vendor by their names. */
export type VendorMessages = ReadonlyMap<string, VendorMessage>
/** Vendors whose messages are known here. */
export type Vendors = ReadonlyMap<string, VendorMessages>

/**
 * Only messages of known vendors are looked into, and only up to a length; a vendor nobody knows is told so whatever
 * comes with it. @see OCPP 1.6 4.3, 2.0.1 P02
 */
export const dataTransfer =
  (vendors: Vendors, log: Logger) =>
  async (call: StationCall): Promise<Reply> => {
    const { station, payload } = call
    const messages = named(vendors, textOf(payload.vendorId))
    if (messages === undefined) return { answer: { status: 'UnknownVendorId' } }
    const decode = named(messages, textOf(payload.messageId))
    if (decode === undefined) return { answer: { status: 'UnknownMessageId' } }
    const data = payloadOf(payload.data)
    if (data === null) {
      log.warn({ station, vendor: textOf(payload.vendorId) }, "a vendor's message could not be read")
      return { answer: { status: 'Rejected' } }
    }
    const reply = await decode({ ...call, payload: data })
    return { ...reply, answer: { status: 'Accepted', data: JSON.stringify(reply.answer) } }
  }

const named = <T>(table: ReadonlyMap<string, T>, name: string | null): T | undefined => {
  if (name === null || name.length > 255) return undefined
  for (const [key, value] of table) if (plainWord(key) === plainWord(name)) return value
  return undefined
}

function payloadOf(data: unknown): StationCall['payload'] | null {
  if (typeof data !== 'string' || data.length > LONGEST) return null
  try {
    const payload: unknown = JSON.parse(data)
    return typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? { ...payload } : null
  } catch {
    // The station is told that it is rejected, and the log why.
    return null
  }
}

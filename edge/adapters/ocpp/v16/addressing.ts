import { numberOf } from '../tolerant.ts'

/** OCPP 1.6 knows connectors only: connector n is EVSE n with its one connector, 0 is the station as a whole. */
export interface Address {
  readonly evse: number
  readonly connector: number
}

/** The EVSE meant by a connectorId; an absent or nonsensical one means the station. */
export function addressOf(connectorId: unknown): Address {
  const number = numberOf(connectorId)
  const evse = number !== null && Number.isSafeInteger(number) && number > 0 ? number : 0
  return { evse, connector: evse === 0 ? 0 : 1 }
}

/** The connectorId of an EVSE. */
export const connectorIdOf = (evse: number): number => evse

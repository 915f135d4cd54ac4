import type { StationId, TransactionId } from '@busbar/model/ids.ts'
import type { WattHours } from '@busbar/units/electricity.ts'
import type { ToldVariable } from './charging/device-model/variable.ts'
import type { Actor } from './inputs.ts'
import type { ChargingLimit } from './limit.ts'
import type { SecurityNotice } from './station-facts.ts'

/** Inputs about stations beside charging: what is noticed of them, what they tell of themselves, what is settled. */
export interface StationInputs {
  /** The transport noticed it; `station` is one that the site knows, or null. */
  'security-noticed': {
    notice: SecurityNotice
    station: StationId | null
    reason: string
    remoteAddress: string | null
    count: number
  }
  /** A part of a report of variables or of the monitors on them. */
  'variables-told': {
    station: StationId
    source: 'report' | 'monitoring'
    request: number | null
    part: number | null
    more: boolean
    variables: readonly ToldVariable[]
    flawed: boolean
  }
  /** `transaction`: the one that an orphan belongs to. The register is needed to correct figures. */
  'doubt-settled': {
    doubt: string
    resolution: 'confirmed' | 'dismissed' | 'corrected'
    reason: string
    transaction: TransactionId | null
    meterStopWh: WattHours | null
    by: Actor
  }
  /** A station asks what it may draw by now for the transaction at this EVSE. */
  'limit-asked': { station: StationId; evse: number }
}

/** What the sender of each gets back at once. */
export interface StationOutcomes {
  'security-noticed': undefined
  'variables-told': undefined
  'limit-asked': { limit: ChargingLimit | null }
  'doubt-settled': { status: 'settled' | 'unknown' | 'rejected'; reason: string | null }
}

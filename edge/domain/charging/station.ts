import type { StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { ChargingState, ConnectorStatus } from '../facts.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

export interface ConnectorState {
  readonly status: ConnectorStatus
  readonly chargingState: ChargingState | null
  readonly errorCode: string | null
  readonly vendorError: string | null
  readonly info: string | null
  readonly since: Instant
  /** When we were told. */
  readonly heardAt: Instant
}

/** What a station last said of itself; kept over our restarts. */
export interface StationRecord {
  readonly station: StationId
  readonly vendor: string | null
  readonly model: string | null
  readonly serial: string | null
  readonly firmware: string | null
  readonly stationProfile: string | null
  readonly bootedAt: Instant | null
  /** By `EVSE`, 0 is the station as a whole. */
  readonly connectors: Readonly<Record<string, ConnectorState>>
}

const unknownStation = (station: StationId): StationRecord => ({
  station,
  vendor: null,
  model: null,
  serial: null,
  firmware: null,
  stationProfile: null,
  bootedAt: null,
  connectors: {},
})

export const stationRecords: ProjectionDefinition<StationRecord> = {
  name: 'station',
  keys: ({ fact }) =>
    fact.type === 'StationBooted' || fact.type === 'ConnectorStatusReported' ? [fact.data.station] : [],
  next: (row, { fact }) => {
    if (fact.type === 'StationBooted') {
      const { station, vendor, model, serial, firmware, station_profile: stationProfile } = fact.data
      return {
        ...(row ?? unknownStation(station)),
        vendor,
        model,
        serial,
        firmware,
        stationProfile,
        bootedAt: fact.occurred_at,
      }
    }
    if (fact.type !== 'ConnectorStatusReported') return row
    const { station, evse, status, since, info, charging_state: chargingState } = fact.data
    const state: ConnectorState = {
      status,
      chargingState,
      since,
      heardAt: fact.occurred_at,
      info,
      errorCode: fact.data.error_code,
      vendorError: fact.data.vendor_error,
    }
    const record = row ?? unknownStation(station)
    return { ...record, connectors: { ...record.connectors, [String(evse)]: state } }
  },
}

import { z } from 'zod'

const time = z.iso.datetime()

/** One connector as its station last told it. */
export const ConnectorView = z.object({
  evse: z.int(),
  status: z.enum(['Available', 'Occupied', 'Reserved', 'Unavailable', 'Faulted']),
  charging_state: z.enum(['Charging', 'EVConnected', 'SuspendedEV', 'SuspendedEVSE', 'Idle']).nullable(),
  error_code: z.string().nullable(),
  vendor_error: z.string().nullable(),
  info: z.string().nullable(),
  since: time,
})

/** What a station is taken for, and why it is spoken to as it is. */
export const StationProfileView = z.object({
  id: z.string(),
  /** What told it; `nothing` is a model that nobody has described. */
  matched_by: z.enum(['configuration', 'identity', 'model', 'vendor', 'firmware', 'nothing']),
  /** How well the profile is known. */
  tier: z.enum(['reported', 'bench', 'field', 'certified']),
  /** What it wants done otherwise than its standard says. */
  quirks: z.array(
    z.object({
      key: z.string(),
      value: z.unknown(),
      reason: z.string(),
      sources: z.array(z.string()),
      confidence: z.enum(['high', 'medium', 'low']),
    }),
  ),
  /** What is to be said of its firmware. */
  warnings: z.array(z.string()),
  /** What a person has to do at the station. */
  commissioning: z.array(z.string()),
})

/** One configured station: what it says of itself, and whether it is in contact. Null is not known. */
export const StationView = z.object({
  id: z.string(),
  /** Of depot.yaml, or added beside it; `leaving` is let in no more, and counts until it is gone. */
  origin: z.enum(['file', 'added', 'leaving']),
  online: z.boolean(),
  /** Sub-protocol it speaks just now. */
  protocol: z.string().nullable(),
  connected_since: time.nullable(),
  last_message_at: time.nullable(),
  vendor: z.string().nullable(),
  model: z.string().nullable(),
  serial: z.string().nullable(),
  firmware: z.string().nullable(),
  station_profile: z.string().nullable(),
  /** Null until it has connected. */
  profile: StationProfileView.nullable(),
  booted_at: time.nullable(),
  evses: z.array(
    z.object({
      evse: z.int(),
      label: z.string(),
      circuit: z.string(),
      /** Whether its capabilities were measured, and with the firmware that it has. */
      conformance: z.enum(['untested', 'stands', 'firmware-changed', 'incomplete']),
    }),
  ),
  connectors: z.array(ConnectorView),
})
export const StationsView = z.object({ at: time, stations: z.array(StationView) })

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

/** One configured station: what it says of itself, and whether it is in contact. Null is not known. */
export const StationView = z.object({
  id: z.string(),
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
  booted_at: time.nullable(),
  evses: z.array(z.object({ evse: z.int(), label: z.string(), circuit: z.string() })),
  connectors: z.array(ConnectorView),
})
export const StationsView = z.object({ at: time, stations: z.array(StationView) })

import { evseKey } from '@busbar/model/ids.ts'
import { stationRecords } from '../../domain/charging/station.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import { forgetVehicle } from '../../domain/load-balancing/observation.ts'
import type { Depot } from '../depot.ts'
import { heardOf } from '../reservations.ts'
import { isUnknownEvse } from './unknown-evse.ts'

/** Repeated reports of the same state are no news, but they show that the station is as it says. */
export function connectorStatus(
  depot: Depot,
  input: InputOf<'connector-status'>,
): Submitted<'connector-status'> {
  if (isUnknownEvse(depot, input)) return { outcome: undefined, durable: depot.recorder.record([]) }
  const { station, evse, connector, status, errorCode, vendorError, info, time } = input
  const known = depot.memory.table(stationRecords).get(station)?.connectors[String(evse)]
  // OCPP 2.0.1 tells the state with the transaction's events, and here only that there is somebody.
  const untold = input.chargingState === null && status === 'Occupied' && known?.status === 'Occupied'
  const chargingState = untold ? known.chargingState : input.chargingState
  const same =
    known?.status === status &&
    known.chargingState === chargingState &&
    known.errorCode === errorCode &&
    known.vendorError === vendorError
  depot.stationClocks.heard(station, time, depot.now)
  heard(depot, input)
  if (same) return { outcome: undefined, durable: depot.recorder.record([]) }
  const fact = depot.recorder.fact(
    'ConnectorStatusReported',
    { type: 'evse', id: evseKey(station, evse) },
    {
      station,
      evse,
      connector,
      status,
      info,
      charging_state: chargingState,
      error_code: errorCode,
      vendor_error: vendorError,
      since: time.at,
    },
  )
  return { outcome: undefined, durable: depot.recorder.record([fact]) }
}

/** What was learned of the vehicle leaves with it; a transaction still open on a free EVSE has lost its stop. */
function heard(depot: Depot, { station, evse, status }: InputOf<'connector-status'>): void {
  const key = evseKey(station, evse)
  const place = depot.setup.site.evses.get(key)
  if (place !== undefined) heardOf(depot, place)
  if (status !== 'Available') {
    depot.freeSince.delete(key)
    return
  }
  if (depot.transactionAt(key) === undefined)
    depot.observations.set(key, forgetVehicle(depot.observation(key)))
  else if (!depot.freeSince.has(key)) depot.freeSince.set(key, depot.monotonic)
}

import { evseKey } from '@busbar/model/ids.ts'
import { stationRecords } from '../../domain/charging/station.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import { unobserved } from '../../domain/load-balancing/observation.ts'
import type { Depot } from '../depot.ts'

/** Repeated reports of the same state are no news. */
export function connectorStatus(
  depot: Depot,
  input: InputOf<'connector-status'>,
): Submitted<'connector-status'> {
  const { station, evse, connector, status, chargingState, errorCode, vendorError, info, time } = input
  const known = depot.memory.table(stationRecords).get(station)?.connectors[String(evse)]
  const same =
    known?.status === status &&
    known.chargingState === chargingState &&
    known.errorCode === errorCode &&
    known.vendorError === vendorError
  if (status === 'Available') unplugged(depot, input)
  if (same) return { outcome: undefined, durable: Promise.resolve() }
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

/** What was learned of the vehicle leaves with it. */
function unplugged(depot: Depot, { station, evse }: InputOf<'connector-status'>): void {
  const key = evseKey(station, evse)
  if (depot.transactionAt(key) === undefined) {
    depot.observations.set(key, { ...unobserved, overdraw: depot.observation(key).overdraw })
    depot.reservations.delete(key)
  }
}

import { type Instant, toIso } from '@busbar/units/time.ts'
import type { StationPlan } from './station-plan.ts'
import type { Payload } from './uplink.ts'

/** What a virtual station says of itself when it boots, in the words of OCPP 1.6. */
export const bootPayload = ({ id, rating }: Pick<StationPlan, 'id' | 'rating'>): Payload => ({
  chargePointVendor: 'Busbar',
  chargePointModel: rating.kind === 'ac' ? 'Virtual AC 22' : 'Virtual DC 150',
  chargePointSerialNumber: id,
  firmwareVersion: '1.0.0',
})

/** The status of the station as a whole. */
export const stationStatus = (faulted: boolean, at: Instant): Payload => ({
  connectorId: 0,
  errorCode: 'NoError',
  status: faulted ? 'Faulted' : 'Available',
  timestamp: toIso(at),
})

import type { Answers } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { toStationTime } from '../station-time.ts'
import { textOf } from '../tolerant.ts'
import type { V16Context } from './context.ts'

/** A known station is accepted at once, whatever it says of itself; what it says is kept verbatim. */
export const bootNotification =
  ({ submit, desk, clock, log }: V16Context) =>
  ({ station, payload }: StationCall): Reply => {
    const vendor = textOf(payload.chargePointVendor) ?? ''
    const model = textOf(payload.chargePointModel) ?? ''
    const firmware = textOf(payload.firmwareVersion)
    const { profile, warnings } = desk.booted({ identity: station, vendor, model, firmware })
    for (const warning of warnings) log.warn({ station, profile: profile.id }, warning)
    const { outcome, durable } = submit({
      type: 'station-booted',
      station,
      vendor,
      model,
      serial: textOf(payload.chargePointSerialNumber) ?? textOf(payload.chargeBoxSerialNumber),
      firmware,
      stationProfile: profile.id,
      capabilities: profile.capabilities,
    })
    const answer: Answers['BootNotification'] = {
      status: 'Accepted',
      currentTime: toStationTime(clock.now()),
      interval: outcome.heartbeatIntervalS,
    }
    return { answer, durable }
  }

import type { Answers } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { toStationTime } from '../station-time.ts'
import { objectsOf, textOf } from '../tolerant.ts'
import type { V201Context } from './context.ts'

/** A known station is accepted at once, whatever it says of itself; what it says is kept verbatim. */
export const bootNotification =
  ({ submit, desk, clock, log }: V201Context) =>
  ({ station, payload }: StationCall): Reply => {
    const [self = {}] = objectsOf(payload.chargingStation)
    const vendor = textOf(self.vendorName) ?? ''
    const model = textOf(self.model) ?? ''
    const firmware = textOf(self.firmwareVersion)
    const { profile, warnings } = desk.booted({ identity: station, vendor, model, firmware })
    for (const warning of warnings) log.warn({ station, profile: profile.id }, warning)
    const { outcome, durable } = submit({
      type: 'station-booted',
      station,
      vendor,
      model,
      serial: textOf(self.serialNumber),
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

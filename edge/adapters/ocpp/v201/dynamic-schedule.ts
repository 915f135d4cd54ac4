import { limitValue } from '../../../domain/limit.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import type { V201Context } from './context.ts'
import { wholeOf } from './id-token-info.ts'
import { evseOfLimit, tenths } from './set-charging-profile.ts'

const UNKNOWN = { reasonCode: 'UnknownProfile', additionalInfo: 'No limit of this depot has that number' }

/**
 * A station asks what one of our profiles allows by now. It is told its limit as far as that raises nothing, which the
 * depot counts already, and never more. @see OCPP 2.1 K28
 */
export const pullDynamicSchedule =
  ({ submit }: Pick<V201Context, 'submit'>) =>
  ({ station, payload }: StationCall): Reply => {
    const profile = wholeOf(payload.chargingProfileId)
    const evse = profile === null ? null : evseOfLimit(profile)
    const limit = evse === null ? null : submit({ type: 'limit-asked', station, evse }).outcome.limit
    if (limit === null) return { answer: { status: 'Rejected', statusInfo: UNKNOWN } }
    return { answer: { status: 'Accepted', scheduleUpdate: { limit: tenths(limitValue(limit)) } } }
  }

import type { Instant } from '@busbar/units/time.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { connectorIdOf } from './addressing.ts'
import { profileIdOf, scheduleOf } from './charging-profile.ts'
import { type Request, request } from './request.ts'

/** `connectorId` is always given: without it stations start anywhere or not at all. */
export const requestStart = ({ evse, idToken, limit }: CommandOf<'request-start'>, now: Instant): Request =>
  evse === 0
    ? { refused: 'a start needs an EVSE' }
    : request(
        'RemoteStartTransaction',
        {
          connectorId: connectorIdOf(evse),
          idTag: idToken,
          ...(limit === undefined
            ? {}
            : {
                // The id of the limit that replaces it once the transaction has a number.
                chargingProfile: {
                  chargingProfileId: profileIdOf(evse, 'transaction'),
                  stackLevel: 1,
                  chargingProfilePurpose: 'TxProfile',
                  chargingProfileKind: 'Absolute',
                  chargingSchedule: scheduleOf(limit, now),
                },
              }),
        },
        statusAnswer('Accepted'),
      )

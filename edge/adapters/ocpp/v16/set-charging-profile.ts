import type { Instant } from '@busbar/units/time.ts'
import type { StationCommand } from '../../../domain/commands.ts'
import { statusAnswer } from '../status-answer.ts'
import { connectorIdOf } from './addressing.ts'
import { HEAD_START, profileIdOf, scheduleOf } from './charging-profile.ts'
import { type Request, request } from './request.ts'
import { transactionIdOf } from './transaction-id.ts'

type Set<Kind> = Extract<StationCommand, { kind: Kind }>
const answer = statusAnswer('Accepted')

/** What every transaction gets until it has a limit of its own; it has no end. */
export const setDefaultLimit = ({ evse, limit }: Set<'set-default-limit'>, now: Instant): Request =>
  request(
    'SetChargingProfile',
    {
      connectorId: connectorIdOf(evse),
      csChargingProfiles: {
        chargingProfileId: profileIdOf(evse, 'default'),
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: scheduleOf(limit, now),
      },
    },
    answer,
  )

/** A leased limit of the running transaction: its schedule ends by itself, and the default holds again. */
export function setTransactionLimit(command: Set<'set-transaction-limit'>, now: Instant): Request {
  const { evse, limit, lease, transaction } = command
  const transactionId = transactionIdOf(transaction)
  if (transactionId === null) return { refused: `"${transaction}" is no OCPP 1.6 transaction id` }
  return request(
    'SetChargingProfile',
    {
      connectorId: connectorIdOf(evse),
      csChargingProfiles: {
        chargingProfileId: profileIdOf(evse, 'transaction'),
        transactionId,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        // Seconds; the start lies in the past by the head start.
        chargingSchedule: { ...scheduleOf(limit, now), duration: Math.floor((lease + HEAD_START) / 1000) },
      },
    },
    answer,
  )
}

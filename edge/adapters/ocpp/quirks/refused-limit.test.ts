import { as, type TransactionId } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { minutes } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import type { StationCommand } from '../../../domain/commands.ts'
import type { ChargingLimit } from '../../../domain/limit.ts'
import type { QuirkValues } from '../../../profiles/quirk-values.ts'
import { refusedLimit } from './refused-limit.ts'

const fallback = (limit: ChargingLimit): StationCommand => ({ kind: 'set-default-limit', evse: 1, limit })
const running = (limit: ChargingLimit): StationCommand => ({
  ...{ kind: 'set-transaction-limit', evse: 1, transaction: as<TransactionId>('1') },
  ...{ limit, lease: minutes(5) },
})
const A6 = { limit_a: amps(6) }
const A0 = { limit_a: amps(0) }
const W = { limit_w: watts(5000) }

test.each<[QuirkValues, StationCommand, RegExp | null]>([
  [{}, fallback(A6), null],
  [{ 'profile.purposes': [] }, fallback(A6), /no TxDefaultProfile/],
  [{ 'profile.purposes': [] }, running(A6), /no TxProfile/],
  [{ 'profile.purposes': ['TxProfile'] }, fallback(A6), /no TxDefaultProfile/],
  [{ 'profile.purposes': ['TxProfile'] }, running(A6), null],
  [{ 'profile.purposes': [] }, { kind: 'clear-cache' }, null],
  [{ 'profile.purposes': [], 'profile.limit-via': { key: 'Max', unit: 'A' } }, fallback(A6), null],
  [{ 'profile.limit-via': { key: 'Max', unit: 'A' } }, fallback(W), /no sure way/],
  [{ 'profile.unit': 'A' }, running(W), /no sure way/],
  [{ 'profile.unit': 'W' }, running(A6), null],
  [{ 'profile.zero': 'ends' }, fallback(A0), /end every transaction/],
  // It is stopped instead.
  [{ 'profile.zero': 'ends', 'profile.purposes': [] }, running(A0), null],
  [{ 'profile.zero': 'pauses' }, fallback(A0), null],
])('with %j, of %j it is known beforehand whether it leaves', (quirks, command, refusal) => {
  const said = refusedLimit(quirks, command, 3)
  if (refusal === null) expect(said).toBeNull()
  else expect(said).toMatch(refusal)
})

import { as, type IdToken, type TransactionId } from '@busbar/model/ids.ts'
import { fromIso } from '@busbar/units/time.ts'
import type { ChargingProfile } from '../../../../domain/charging-profile.ts'
import type { StationCommand } from '../../../../domain/commands.ts'
import { V21, V201 } from '../dialect.ts'

export const NOW = fromIso('2026-12-01T12:00:00.700Z')
export const LATER = fromIso('2026-12-01T13:00:00.500Z')
const speech = { now: NOW, nameOf: (id: TransactionId) => (id === '42' ? 'tx-42' : null) }
export const V201_SPEECH = { ...speech, dialect: V201 }
export const V21_SPEECH = { ...speech, dialect: V21 }
export const transaction = as<TransactionId>('42')
export const idToken = as<IdToken>('BUS-1')
export const TOKEN = { idToken: 'BUS-1', type: 'Central' }
export const to = { location: 'https://10.0.0.1/inbox/x', retries: 3, retryIntervalS: 60 }
export const hash = {
  algorithm: 'SHA256',
  issuerNameHash: 'aa',
  issuerKeyHash: 'bb',
  serialNumber: 'cc',
} as const
export const wireHash = {
  hashAlgorithm: 'SHA256',
  issuerNameHash: 'aa',
  issuerKeyHash: 'bb',
  serialNumber: 'cc',
}
export const anything = { id: null, evse: null, purpose: null, stackLevel: null }
export const profile: ChargingProfile = {
  id: 77,
  stackLevel: 2,
  purpose: 'TxProfile',
  kind: 'Recurring',
  recurs: 'Daily',
  validFrom: NOW,
  validTo: LATER,
  transaction,
  schedule: {
    unit: 'W',
    startsAt: NOW,
    durationS: 600,
    minimum: 1000,
    periods: [{ startS: 0, limit: 5000, phases: 3 }],
  },
}
export const setVariable = (name: string): StationCommand => ({ kind: 'set-variable', name, value: '30' })
export const firmware = {
  kind: 'update-firmware',
  request: 5,
  from: to,
  retrieveAt: NOW,
  installAt: LATER,
  signed: { certificate: 'PEM', signature: 'c2ln' },
} as const
export const variable = (component: string, name: string) => ({
  component: { name: component },
  variable: { name },
})

type Answer = readonly [answer: Record<string, unknown>, meaning: object]
export const accepted: Answer = [{ status: 'Accepted' }, { status: 'accepted' }]
export const refusedBy = (word: string): Answer => [{ status: word }, { status: 'rejected', reason: word }]
export const unclear: Answer = [{ status: 'Perhaps' }, { status: 'unanswered', reason: 'error' }]

export interface Row {
  readonly name: string
  readonly command: StationCommand
  readonly action: string
  readonly payload: object
  readonly answers: readonly Answer[]
}

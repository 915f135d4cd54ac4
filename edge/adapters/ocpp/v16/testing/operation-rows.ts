import { as, type IdToken, type TransactionId } from '@busbar/model/ids.ts'
import { amps } from '@busbar/units/electricity.ts'
import type { ChargingProfile } from '../../../../domain/charging-profile.ts'
import { accepted, LATER, NOW, type Row, refusedBy, unclear } from './request-row.ts'

const idToken = as<IdToken>('BUS-1')
const group = as<IdToken>('FLEET')
export const profile: ChargingProfile = {
  id: 77,
  stackLevel: 2,
  purpose: 'TxDefaultProfile',
  kind: 'Relative',
  recurs: null,
  validFrom: null,
  validTo: null,
  transaction: null,
  schedule: {
    unit: 'A',
    startsAt: null,
    durationS: null,
    minimum: null,
    periods: [{ startS: 0, limit: 10, phases: null }],
  },
}
export const anything = { id: null, evse: null, purpose: null, stackLevel: null }

/** Reservations, local lists, operation and charging profiles. */
export const OPERATION: readonly Row[] = [
  {
    name: 'TC_046 a reservation of one EVSE',
    command: { kind: 'reserve-now', reservation: 9, evse: 2, idToken, group: null, expiresAt: LATER },
    action: 'ReserveNow',
    payload: { connectorId: 2, expiryDate: '2026-12-01T13:00:00Z', idTag: 'BUS-1', reservationId: 9 },
    answers: [
      accepted,
      // TC_048_1 to TC_048_4: the four refusals.
      refusedBy('Faulted'),
      refusedBy('Occupied'),
      refusedBy('Unavailable'),
      refusedBy('Rejected'),
      unclear,
    ],
  },
  {
    name: 'TC_049 TC_053 a reservation of any EVSE, for a whole group',
    command: { kind: 'reserve-now', reservation: 10, evse: 0, idToken, group, expiresAt: NOW },
    action: 'ReserveNow',
    payload: {
      connectorId: 0,
      expiryDate: '2026-12-01T12:00:00Z',
      idTag: 'BUS-1',
      parentIdTag: 'FLEET',
      reservationId: 10,
    },
    answers: [accepted],
  },
  {
    name: 'TC_051 TC_052 a cancelled reservation',
    command: { kind: 'cancel-reservation', reservation: 9 },
    action: 'CancelReservation',
    payload: { reservationId: 9 },
    answers: [accepted, refusedBy('Rejected'), unclear],
  },
  {
    name: 'TC_061 an emptied cache',
    command: { kind: 'clear-cache' },
    action: 'ClearCache',
    payload: {},
    answers: [accepted, refusedBy('Rejected')],
  },
  {
    name: 'TC_017_1 TC_017_2 TC_018_1 TC_030 TC_031 an unlocked connector',
    command: { kind: 'unlock-connector', evse: 2, connector: 1 },
    action: 'UnlockConnector',
    payload: { connectorId: 2 },
    answers: [
      [{ status: 'Unlocked' }, { status: 'accepted' }],
      refusedBy('UnlockFailed'),
      refusedBy('NotSupported'),
    ],
  },
  {
    name: "a vendor's message without data",
    command: { kind: 'data-transfer', vendor: 'com.example', message: null, data: null },
    action: 'DataTransfer',
    payload: { vendorId: 'com.example' },
    answers: [accepted, refusedBy('UnknownVendorId'), refusedBy('UnknownMessageId'), refusedBy('Rejected')],
  },
  {
    name: "a vendor's message with data both ways",
    command: { kind: 'data-transfer', vendor: 'com.example', message: 'm', data: '{}' },
    action: 'DataTransfer',
    payload: { vendorId: 'com.example', messageId: 'm', data: '{}' },
    answers: [
      [
        { status: 'Accepted', data: 'ok' },
        { status: 'accepted', data: 'ok' },
      ],
    ],
  },
  {
    name: 'TC_042_1 TC_042_2 the version of the local list',
    command: { kind: 'get-local-list-version' },
    action: 'GetLocalListVersion',
    payload: {},
    answers: [
      [{ listVersion: 7 }, { status: 'accepted', listVersion: 7 }],
      [{ listVersion: '0' }, { status: 'accepted', listVersion: 0 }],
      [{ listVersion: -1 }, { status: 'rejected', reason: 'NotSupported' }],
      [{}, { status: 'unanswered', reason: 'error' }],
    ],
  },
  {
    name: 'TC_043_4 a full local list',
    command: {
      kind: 'send-local-list',
      update: 'Full',
      version: 3,
      entries: [
        { idToken, status: 'Accepted', group, expiresAt: LATER },
        { idToken: as<IdToken>('B'), status: 'Unknown', group: null, expiresAt: null },
      ],
    },
    action: 'SendLocalList',
    payload: {
      listVersion: 3,
      updateType: 'Full',
      localAuthorizationList: [
        {
          idTag: 'BUS-1',
          idTagInfo: { status: 'Accepted', parentIdTag: 'FLEET', expiryDate: '2026-12-01T13:00:00Z' },
        },
        { idTag: 'B', idTagInfo: { status: 'Invalid' } },
      ],
    },
    // TC_043_1 and TC_043_3: not supported, failed.
    answers: [accepted, refusedBy('NotSupported'), refusedBy('Failed'), refusedBy('VersionMismatch')],
  },
  {
    name: 'TC_043_5 a differential update that takes a token off the list',
    command: {
      kind: 'send-local-list',
      update: 'Differential',
      version: 4,
      entries: [{ idToken, status: null, group: null, expiresAt: null }],
    },
    action: 'SendLocalList',
    payload: { listVersion: 4, updateType: 'Differential', localAuthorizationList: [{ idTag: 'BUS-1' }] },
    answers: [accepted],
  },
  {
    name: 'an empty full list',
    command: { kind: 'send-local-list', update: 'Full', version: 5, entries: [] },
    action: 'SendLocalList',
    payload: { listVersion: 5, updateType: 'Full' },
    answers: [accepted],
  },
  {
    name: 'TC_059 a start with a limit',
    command: { kind: 'request-start', evse: 1, idToken, limit: { limit_a: amps(10) } },
    action: 'RemoteStartTransaction',
    payload: {
      connectorId: 1,
      idTag: 'BUS-1',
      chargingProfile: {
        chargingProfileId: 12,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: {
          startSchedule: '2026-12-01T11:59:00Z',
          chargingRateUnit: 'A',
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
        },
      },
    },
    // TC_026: refused.
    answers: [accepted, refusedBy('Rejected')],
  },
  {
    name: 'TC_056 a profile of an engineer, as short as it can be',
    command: { kind: 'set-charging-profile', evse: 0, profile },
    action: 'SetChargingProfile',
    payload: {
      connectorId: 0,
      csChargingProfiles: {
        chargingProfileId: 77,
        stackLevel: 2,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Relative',
        chargingSchedule: {
          chargingRateUnit: 'A',
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
        },
      },
    },
    answers: [accepted, refusedBy('Rejected'), refusedBy('NotSupported')],
  },
  {
    name: 'TC_057 a profile of an engineer with everything in it',
    command: {
      kind: 'set-charging-profile',
      evse: 1,
      profile: {
        ...profile,
        purpose: 'TxProfile',
        kind: 'Recurring',
        recurs: 'Daily',
        validFrom: NOW,
        validTo: LATER,
        transaction: as<TransactionId>('42'),
        schedule: {
          unit: 'W',
          startsAt: NOW,
          durationS: 3600,
          minimum: 4.5,
          periods: [{ startS: 0, limit: 11_000, phases: 3 }],
        },
      },
    },
    action: 'SetChargingProfile',
    payload: {
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 77,
        transactionId: 42,
        stackLevel: 2,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Recurring',
        recurrencyKind: 'Daily',
        validFrom: '2026-12-01T12:00:00Z',
        validTo: '2026-12-01T13:00:00Z',
        chargingSchedule: {
          duration: 3600,
          startSchedule: '2026-12-01T12:00:00Z',
          chargingRateUnit: 'W',
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 11_000, numberPhases: 3 }],
          minChargingRate: 4.5,
        },
      },
    },
    answers: [accepted],
  },
  {
    name: 'TC_067 every profile cleared',
    command: { kind: 'clear-charging-profile', matching: anything },
    action: 'ClearChargingProfile',
    payload: {},
    answers: [accepted, refusedBy('Unknown')],
  },
  {
    name: 'TC_067 profiles cleared by all that can be named',
    command: {
      kind: 'clear-charging-profile',
      matching: { id: 7, evse: 0, purpose: 'ChargingStationMaxProfile', stackLevel: 0 },
    },
    action: 'ClearChargingProfile',
    payload: { id: 7, connectorId: 0, chargingProfilePurpose: 'ChargePointMaxProfile', stackLevel: 0 },
    answers: [accepted],
  },
  {
    name: 'TC_066 a composite schedule',
    command: { kind: 'get-composite-schedule', evse: 0, durationS: 300, unit: null },
    action: 'GetCompositeSchedule',
    payload: { connectorId: 0, duration: 300 },
    answers: [
      [
        {
          status: 'Accepted',
          scheduleStart: '2026-12-01T12:00:00Z',
          chargingSchedule: {
            chargingRateUnit: 'W',
            duration: 300,
            chargingSchedulePeriod: [
              { startPeriod: 0, limit: 16, numberPhases: 3 },
              { startPeriod: 60, limit: 8 },
            ],
          },
        },
        {
          status: 'accepted',
          schedule: {
            evse: 0,
            unit: 'W',
            startsAt: NOW,
            durationS: 300,
            periods: [
              { startS: 0, limit: 16, phases: 3 },
              { startS: 60, limit: 8, phases: null },
            ],
          },
        },
      ],
      accepted,
      refusedBy('Rejected'),
      // A body that comes with a refusal is not read.
      [
        {
          status: 'Rejected',
          chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ limit: 1 }] },
        },
        { status: 'rejected', reason: 'Rejected' },
      ],
    ],
  },
]

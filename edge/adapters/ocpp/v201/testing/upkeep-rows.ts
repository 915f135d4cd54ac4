import { as, type IdToken } from '@busbar/model/ids.ts'
import {
  accepted,
  anything,
  firmware,
  hash,
  idToken,
  LATER,
  NOW,
  profile,
  type Row,
  refusedBy,
  TOKEN,
  to,
  wireHash,
} from './request-row.ts'

/** Local lists, reservations, charging profiles, logs, firmware and certificates. */
export const UPKEEP: readonly Row[] = [
  {
    name: 'TC_C_37 a cleared cache',
    command: { kind: 'clear-cache' },
    action: 'ClearCache',
    payload: {},
    answers: [accepted, refusedBy('Rejected')],
  },
  {
    name: 'TC_D_08 the version of the local list',
    command: { kind: 'get-local-list-version' },
    action: 'GetLocalListVersion',
    payload: {},
    answers: [
      [{ versionNumber: 0 }, { status: 'accepted', listVersion: 0 }],
      [{ versionNumber: 'x' }, { status: 'unanswered' }],
    ],
  },
  {
    name: 'TC_D_02 a changed local list',
    command: {
      kind: 'send-local-list',
      update: 'Differential',
      version: 3,
      entries: [
        {
          idToken: as<IdToken>('04ABCDEF'),
          status: 'Accepted',
          group: as<IdToken>('FLEET'),
          expiresAt: LATER,
        },
        { idToken, status: null, group: null, expiresAt: null },
      ],
    },
    action: 'SendLocalList',
    payload: {
      versionNumber: 3,
      updateType: 'Differential',
      localAuthorizationList: [
        {
          idToken: { idToken: '04ABCDEF', type: 'ISO14443' },
          idTokenInfo: {
            status: 'Accepted',
            groupIdToken: { idToken: 'FLEET', type: 'Central' },
            cacheExpiryDateTime: '2026-12-01T13:00:00Z',
          },
        },
        { idToken: TOKEN },
      ],
    },
    answers: [accepted, refusedBy('VersionMismatch'), refusedBy('Failed')],
  },
  {
    name: 'TC_D_04 an empty local list',
    command: { kind: 'send-local-list', update: 'Full', version: 4, entries: [] },
    action: 'SendLocalList',
    payload: { versionNumber: 4, updateType: 'Full' },
    answers: [accepted],
  },
  {
    name: 'TC_H_01 a reservation of an EVSE for a group',
    command: { kind: 'reserve-now', reservation: 9, evse: 1, idToken, group: idToken, expiresAt: LATER },
    action: 'ReserveNow',
    payload: {
      id: 9,
      expiryDateTime: '2026-12-01T13:00:00Z',
      idToken: TOKEN,
      evseId: 1,
      groupIdToken: TOKEN,
    },
    answers: [accepted, ...['Faulted', 'Occupied', 'Rejected', 'Unavailable'].map(refusedBy)],
  },
  {
    name: 'TC_H_17 a cancelled reservation',
    command: { kind: 'cancel-reservation', reservation: 9 },
    action: 'CancelReservation',
    payload: { reservationId: 9 },
    answers: [accepted, refusedBy('Rejected')],
  },
  {
    name: 'TC_K_43 the limit a station works out',
    command: { kind: 'get-composite-limit', evse: 1, unit: 'A' },
    action: 'GetCompositeSchedule',
    payload: { evseId: 1, duration: 60, chargingRateUnit: 'A' },
    answers: [
      [
        {
          status: 'Accepted',
          schedule: {
            chargingRateUnit: 'A',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }, { limit: 9 }],
          },
        },
        { status: 'accepted', limit: { limit_a: 9 } },
      ],
      accepted,
      refusedBy('Rejected'),
    ],
  },
  {
    name: 'TC_K_44 a whole composite schedule',
    command: { kind: 'get-composite-schedule', evse: 0, durationS: 300, unit: null },
    action: 'GetCompositeSchedule',
    payload: { evseId: 0, duration: 300 },
    answers: [
      [
        {
          status: 'Accepted',
          schedule: {
            scheduleStart: '2026-12-01T12:00:00Z',
            duration: 300,
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 6000, numberPhases: 3 }],
          },
        },
        {
          schedule: { evse: 0, unit: 'W', durationS: 300, periods: [{ startS: 0, limit: 6000, phases: 3 }] },
        },
      ],
    ],
  },
  {
    name: 'TC_K_01 a whole profile',
    command: { kind: 'set-charging-profile', evse: 1, profile },
    action: 'SetChargingProfile',
    payload: {
      evseId: 1,
      chargingProfile: {
        id: 77,
        stackLevel: 2,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Recurring',
        recurrencyKind: 'Daily',
        validFrom: '2026-12-01T12:00:00Z',
        validTo: '2026-12-01T13:00:00Z',
        transactionId: 'tx-42',
        chargingSchedule: [
          {
            id: 1,
            startSchedule: '2026-12-01T12:00:00Z',
            duration: 600,
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 5000, numberPhases: 3 }],
            minChargingRate: 1000,
          },
        ],
      },
    },
    answers: [accepted, refusedBy('Rejected')],
  },
  {
    name: 'TC_K_05 a profile cleared by its id',
    command: { kind: 'clear-charging-profile', matching: { ...anything, id: 77 } },
    action: 'ClearChargingProfile',
    payload: { chargingProfileId: 77 },
    answers: [accepted, refusedBy('Unknown')],
  },
  {
    name: 'TC_K_06 limits cleared by their purpose',
    command: { kind: 'clear-limits', evse: 1, purpose: 'transaction' },
    action: 'ClearChargingProfile',
    payload: { chargingProfileCriteria: { evseId: 1, chargingProfilePurpose: 'TxProfile' } },
    answers: [accepted],
  },
  {
    name: 'TC_K_29 profiles listed',
    command: { kind: 'get-charging-profiles', request: 5, matching: { ...anything, evse: 1, stackLevel: 0 } },
    action: 'GetChargingProfiles',
    payload: { requestId: 5, evseId: 1, chargingProfile: { stackLevel: 0 } },
    answers: [accepted, [{ status: 'NoProfiles' }, { status: 'accepted' }]],
  },
  {
    name: 'TC_N_34 TC_N_35 the security log',
    command: { kind: 'get-log', log: 'SecurityLog', request: 4, to, oldest: NOW, latest: LATER },
    action: 'GetLog',
    payload: {
      logType: 'SecurityLog',
      requestId: 4,
      retries: 3,
      retryInterval: 60,
      log: {
        remoteLocation: to.location,
        oldestTimestamp: '2026-12-01T12:00:00Z',
        latestTimestamp: '2026-12-01T13:00:00Z',
      },
    },
    answers: [
      [
        { status: 'AcceptedCanceled', filename: 's.log' },
        { status: 'accepted', file: 's.log' },
      ],
      refusedBy('Rejected'),
    ],
  },
  {
    name: 'TC_L_01 TC_L_04 TC_L_05 TC_L_10 TC_L_11 signed firmware',
    command: firmware,
    action: 'UpdateFirmware',
    payload: {
      requestId: 5,
      retries: 3,
      retryInterval: 60,
      firmware: {
        location: to.location,
        retrieveDateTime: '2026-12-01T12:00:00Z',
        installDateTime: '2026-12-01T13:00:00Z',
        signingCertificate: 'PEM',
        signature: 'c2ln',
      },
    },
    answers: [
      accepted,
      [{ status: 'AcceptedCanceled' }, { status: 'accepted' }],
      refusedBy('Rejected'),
      refusedBy('InvalidCertificate'),
      refusedBy('RevokedCertificate'),
    ],
  },
  {
    name: 'TC_M_01 a root installed',
    command: { kind: 'install-certificate', use: 'V2GRootCertificate', certificate: 'PEM' },
    action: 'InstallCertificate',
    payload: { certificateType: 'V2GRootCertificate', certificate: 'PEM' },
    answers: [accepted, refusedBy('Failed'), refusedBy('Rejected')],
  },
  {
    name: 'TC_M_20 a certificate deleted',
    command: { kind: 'delete-certificate', certificate: hash },
    action: 'DeleteCertificate',
    payload: { certificateHashData: wireHash },
    answers: [accepted, refusedBy('NotFound')],
  },
  {
    name: 'TC_M_12 certificates listed',
    command: { kind: 'get-certificates', uses: ['CSMSRootCertificate', 'V2GCertificateChain'] },
    action: 'GetInstalledCertificateIds',
    payload: { certificateType: ['CSMSRootCertificate', 'V2GCertificateChain'] },
    answers: [
      [
        {
          status: 'Accepted',
          certificateHashDataChain: [
            {
              certificateHashData: wireHash,
              childCertificateHashData: [{ ...wireHash, hashAlgorithm: 'MD5' }],
            },
          ],
        },
        { certificates: [hash] },
      ],
      [{ status: 'NotFound' }, { status: 'accepted', certificates: [] }],
    ],
  },
  {
    name: 'TC_A_11 TC_A_14 a signed certificate',
    command: { kind: 'certificate-signed', chain: 'PEM' },
    action: 'CertificateSigned',
    payload: { certificateChain: 'PEM' },
    answers: [accepted, refusedBy('Rejected')],
  },
]

import { accepted, LATER, NOW, type Row, refusedBy } from './request-row.ts'

const to = { location: 'https://10.0.0.1/inbox/x', retries: null, retryIntervalS: null }
const retried = { location: 'https://10.0.0.1/shelf/x', retries: 3, retryIntervalS: 60 }
const hash = { algorithm: 'SHA256', issuerNameHash: 'aa', issuerKeyHash: 'bb', serialNumber: 'cc' } as const
const hash16 = { hashAlgorithm: 'SHA256', issuerNameHash: 'aa', issuerKeyHash: 'bb', serialNumber: 'cc' }
export const firmware = {
  kind: 'update-firmware',
  request: 5,
  from: to,
  retrieveAt: NOW,
  installAt: null,
  signed: null,
} as const
const signed = { certificate: 'CERT', signature: 'c2ln' }

/** Logs, firmware, certificates and triggers. */
export const MAINTENANCE: readonly Row[] = [
  {
    name: 'TC_045_1 diagnostics',
    command: { kind: 'get-log', log: 'DiagnosticsLog', request: 4, to, oldest: null, latest: null },
    action: 'GetDiagnostics',
    payload: { location: to.location },
    answers: [
      [{ fileName: 'd.zip' }, { status: 'accepted', file: 'd.zip' }],
      [{}, { status: 'accepted' }],
    ],
  },
  {
    name: 'TC_045_2 diagnostics of a time, tried again when the upload fails',
    command: { kind: 'get-log', log: 'DiagnosticsLog', request: 4, to: retried, oldest: NOW, latest: LATER },
    action: 'GetDiagnostics',
    payload: {
      location: retried.location,
      retries: 3,
      retryInterval: 60,
      startTime: '2026-12-01T12:00:00Z',
      stopTime: '2026-12-01T13:00:00Z',
    },
    answers: [[{ fileName: null }, { status: 'accepted' }]],
  },
  {
    name: 'TC_079 the security log',
    command: { kind: 'get-log', log: 'SecurityLog', request: 4, to: retried, oldest: NOW, latest: LATER },
    action: 'GetLog',
    payload: {
      logType: 'SecurityLog',
      requestId: 4,
      retries: 3,
      retryInterval: 60,
      log: {
        remoteLocation: retried.location,
        oldestTimestamp: '2026-12-01T12:00:00Z',
        latestTimestamp: '2026-12-01T13:00:00Z',
      },
    },
    answers: [
      [
        { status: 'Accepted', filename: 's.log' },
        { status: 'accepted', file: 's.log' },
      ],
      [{ status: 'AcceptedCanceled' }, { status: 'accepted' }],
      refusedBy('Rejected'),
    ],
  },
  {
    name: 'TC_044_1 firmware that nobody signed',
    command: { ...firmware, from: retried },
    action: 'UpdateFirmware',
    payload: {
      location: retried.location,
      retrieveDate: '2026-12-01T12:00:00Z',
      retries: 3,
      retryInterval: 60,
    },
    answers: [[{}, { status: 'accepted' }]],
  },
  {
    name: 'TC_080 signed firmware',
    command: { ...firmware, installAt: LATER, signed },
    action: 'SignedUpdateFirmware',
    payload: {
      requestId: 5,
      firmware: {
        location: to.location,
        retrieveDateTime: '2026-12-01T12:00:00Z',
        installDateTime: '2026-12-01T13:00:00Z',
        signingCertificate: 'CERT',
        signature: 'c2ln',
      },
    },
    answers: [
      accepted,
      [{ status: 'AcceptedCanceled' }, { status: 'accepted' }],
      refusedBy('InvalidCertificate'),
      refusedBy('RevokedCertificate'),
      refusedBy('Rejected'),
    ],
  },
  {
    name: 'TC_075_1 a root of the manufacturer',
    command: { kind: 'install-certificate', use: 'ManufacturerRootCertificate', certificate: 'PEM' },
    action: 'InstallCertificate',
    payload: { certificateType: 'ManufacturerRootCertificate', certificate: 'PEM' },
    answers: [accepted, refusedBy('Rejected'), refusedBy('Failed')],
  },
  {
    name: 'TC_075_2 our own root',
    command: { kind: 'install-certificate', use: 'CSMSRootCertificate', certificate: 'PEM' },
    action: 'InstallCertificate',
    payload: { certificateType: 'CentralSystemRootCertificate', certificate: 'PEM' },
    answers: [accepted],
  },
  {
    name: 'TC_076 a deleted certificate',
    command: { kind: 'delete-certificate', certificate: hash },
    action: 'DeleteCertificate',
    payload: { certificateHashData: hash16 },
    answers: [accepted, refusedBy('NotFound'), refusedBy('Failed')],
  },
  {
    name: 'TC_076 the certificates that are installed',
    command: { kind: 'get-certificates', uses: ['CSMSRootCertificate'] },
    action: 'GetInstalledCertificateIds',
    payload: { certificateType: 'CentralSystemRootCertificate' },
    answers: [
      [
        { status: 'Accepted', certificateHashData: [hash16, { hashAlgorithm: 'MD5' }] },
        { status: 'accepted', certificates: [hash] },
      ],
      [{ status: 'NotFound' }, { status: 'accepted', certificates: [] }],
    ],
  },
  {
    name: 'TC_074 a signed certificate for the station',
    command: { kind: 'certificate-signed', chain: 'PEM' },
    action: 'CertificateSigned',
    payload: { certificateChain: 'PEM' },
    answers: [accepted, refusedBy('Rejected')],
  },
  {
    name: 'TC_074 a request for a certificate, asked for',
    command: { kind: 'trigger', message: 'SignChargingStationCertificate', evse: null },
    action: 'ExtendedTriggerMessage',
    payload: { requestedMessage: 'SignChargePointCertificate' },
    // TC_055: refused.
    answers: [accepted, refusedBy('Rejected'), refusedBy('NotImplemented')],
  },
  {
    name: 'TC_054 the state of an upload, asked for',
    command: { kind: 'trigger', message: 'LogStatusNotification', evse: null },
    action: 'TriggerMessage',
    payload: { requestedMessage: 'DiagnosticsStatusNotification' },
    answers: [accepted, refusedBy('NotImplemented')],
  },
  {
    name: 'TC_054 the state of an update, asked for',
    command: { kind: 'trigger', message: 'FirmwareStatusNotification', evse: null },
    action: 'TriggerMessage',
    payload: { requestedMessage: 'FirmwareStatusNotification' },
    answers: [accepted],
  },
]

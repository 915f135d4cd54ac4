type Payload = Readonly<Record<string, unknown>>

/** One request that the depot says to a station of OCPP 2.0.1: who asks for it, and the answers it understands. */
export interface RequestRow {
  readonly cases: string
  readonly action: string
  readonly payload: Payload
  readonly answers: readonly Payload[]
}
const row = (cases: string, action: string, payload: Payload, ...answers: Payload[]): RequestRow => ({
  ...{ cases, action, payload },
  answers: answers.length === 0 ? [{ status: 'Accepted' }] : answers,
})
const status = (word: string): Payload => ({ status: word })

const heartbeat = {
  component: { name: 'OCPPCommCtrlr' },
  variable: { name: 'HeartbeatInterval' },
}
const limit = { component: { name: 'LocalAuthListCtrlr' }, variable: { name: 'ItemsPerMessage' } }
const got = (of: Payload, value: string) => ({ ...of, attributeStatus: 'Accepted', attributeValue: value })
const ended = { attributeStatus: 'Accepted' }

/** Block B: provisioning. */
const PROVISIONING = [
  row(
    'TC_B_06',
    'GetVariables',
    { getVariableData: [heartbeat] },
    { getVariableResult: [got(heartbeat, '300')] },
  ),
  row(
    'TC_B_07 TC_B_08',
    'GetVariables',
    { getVariableData: [heartbeat, limit] },
    { getVariableResult: [got(heartbeat, '300'), got(limit, '20')] },
  ),
  row(
    'TC_B_09',
    'SetVariables',
    { setVariableData: [{ ...heartbeat, attributeValue: '60' }] },
    { setVariableResult: [{ ...heartbeat, ...ended }] },
  ),
  row(
    'TC_B_10',
    'SetVariables',
    {
      setVariableData: [
        { ...heartbeat, attributeValue: '60' },
        { ...limit, attributeValue: '9' },
      ],
    },
    {
      setVariableResult: [
        { ...heartbeat, ...ended },
        { ...limit, attributeStatus: 'Rejected' },
      ],
    },
  ),
  row('TC_B_12', 'GetBaseReport', { requestId: 12, reportBase: 'ConfigurationInventory' }),
  row('TC_B_13', 'GetBaseReport', { requestId: 13, reportBase: 'FullInventory' }),
  row(
    'TC_B_14',
    'GetBaseReport',
    { requestId: 14, reportBase: 'SummaryInventory' },
    status('EmptyResultSet'),
    status('Accepted'),
  ),
  row('TC_B_18', 'GetReport', {
    requestId: 18,
    componentCriteria: ['Problem'],
    componentVariable: [{ component: { name: 'EVSE' }, variable: { name: 'AvailabilityState' } }],
  }),
  row('TC_B_20 TC_B_21', 'Reset', { type: 'OnIdle' }, status('Accepted'), status('Scheduled')),
  row('TC_B_22', 'Reset', { type: 'Immediate' }),
  row('TC_B_25 TC_B_26', 'Reset', { type: 'OnIdle', evseId: 1 }, status('Accepted'), status('Scheduled')),
  row('TC_B_27', 'Reset', { type: 'Immediate', evseId: 1 }, status('Accepted'), status('Rejected')),
]

const token = { idToken: 'TAG-v1', type: 'ISO14443' }
/** Blocks C to E: tokens, local lists, queries about transactions. */
const TOKENS = [
  row('TC_C_37 TC_C_38', 'ClearCache', {}, status('Accepted'), status('Rejected')),
  row(
    'TC_D_01',
    'SendLocalList',
    {
      versionNumber: 1,
      updateType: 'Full',
      localAuthorizationList: [{ idToken: token, idTokenInfo: { status: 'Accepted' } }],
    },
    status('Accepted'),
    status('Failed'),
    status('VersionMismatch'),
  ),
  row('TC_D_02', 'SendLocalList', {
    versionNumber: 2,
    updateType: 'Differential',
    localAuthorizationList: [{ idToken: token, idTokenInfo: { status: 'Blocked' } }],
  }),
  row('TC_D_03', 'SendLocalList', {
    versionNumber: 3,
    updateType: 'Differential',
    localAuthorizationList: [{ idToken: token }],
  }),
  row('TC_D_04', 'SendLocalList', { versionNumber: 4, updateType: 'Full' }),
  row('TC_D_08 TC_D_09', 'GetLocalListVersion', {}, { versionNumber: 4 }, { versionNumber: 0 }),
  row(
    'TC_E_29 TC_E_30',
    'GetTransactionStatus',
    { transactionId: 'tx-1' },
    { ongoingIndicator: true, messagesInQueue: true },
    { ongoingIndicator: true, messagesInQueue: false },
  ),
  row(
    'TC_E_31',
    'GetTransactionStatus',
    { transactionId: 'tx-0' },
    { ongoingIndicator: false, messagesInQueue: true },
  ),
  row('TC_E_33 TC_E_34', 'GetTransactionStatus', {}, { messagesInQueue: true }, { messagesInQueue: false }),
]

const trigger = (cases: string, requestedMessage: string, evse?: number) =>
  row(cases, 'TriggerMessage', { requestedMessage, ...(evse ? { evse: { id: evse } } : {}) })
const availability = (cases: string, operationalStatus: string, evse?: Payload) =>
  row(
    cases,
    'ChangeAvailability',
    { operationalStatus, ...(evse ? { evse } : {}) },
    status('Accepted'),
    status('Scheduled'),
  )
/** Blocks F and G: control from afar, availability. */
const CONTROL = [
  row('TC_F_06', 'UnlockConnector', { evseId: 1, connectorId: 1 }, status('Unlocked')),
  trigger('TC_F_11', 'MeterValues', 1),
  trigger('TC_F_12', 'MeterValues'),
  trigger('TC_F_13', 'TransactionEvent', 1),
  trigger('TC_F_14', 'TransactionEvent'),
  trigger('TC_F_15', 'LogStatusNotification'),
  trigger('TC_F_18', 'FirmwareStatusNotification'),
  trigger('TC_F_20', 'Heartbeat'),
  row('TC_F_23 TC_F_24', 'TriggerMessage', {
    requestedMessage: 'StatusNotification',
    evse: { id: 1, connectorId: 1 },
  }),
  row('TC_F_27', 'TriggerMessage', { requestedMessage: 'SignV2GCertificate' }, status('NotImplemented')),
  availability('TC_G_03 TC_G_11', 'Inoperative', { id: 1 }),
  availability('TC_G_04', 'Operative', { id: 1 }),
  availability('TC_G_05 TC_G_14', 'Inoperative'),
  availability('TC_G_06', 'Operative'),
  availability('TC_G_07 TC_G_17', 'Inoperative', { id: 1, connectorId: 1 }),
  availability('TC_G_08', 'Operative', { id: 1, connectorId: 1 }),
]

const until = '2031-01-01T00:00:00Z'
/** Blocks H and I: reservations, cost. */
const RESERVATIONS = [
  row('TC_H_01', 'ReserveNow', { id: 1, expiryDateTime: until, idToken: token, evseId: 1 }),
  row('TC_H_08 TC_H_14', 'ReserveNow', { id: 2, expiryDateTime: until, idToken: token }),
  row('TC_H_15', 'ReserveNow', {
    id: 3,
    expiryDateTime: until,
    idToken: token,
    connectorType: 'cCCS2',
  }),
  row(
    'TC_H_22',
    'ReserveNow',
    { id: 4, expiryDateTime: until, idToken: token, evseId: 1 },
    status('Rejected'),
    status('Occupied'),
    status('Faulted'),
    status('Unavailable'),
  ),
  row('TC_H_17', 'CancelReservation', { reservationId: 1 }, status('Accepted'), status('Rejected')),
  row('TC_H_19', 'ReserveNow', {
    id: 5,
    expiryDateTime: until,
    idToken: token,
    groupIdToken: { idToken: 'GROUP', type: 'Central' },
    evseId: 1,
  }),
  row('TC_I_01', 'CostUpdated', { totalCost: 12.5, transactionId: 'tx-1' }, {}),
]

const schedule = (kind: Payload = {}) => [
  {
    id: 1,
    chargingRateUnit: 'A',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }],
    startSchedule: '2026-11-21T18:00:00Z',
    ...kind,
  },
]
const profile = (chargingProfilePurpose: string, of: Payload = {}) => ({
  id: 2001,
  stackLevel: 3,
  chargingProfilePurpose,
  chargingProfileKind: 'Absolute',
  chargingSchedule: schedule(),
  ...of,
})
const set = (cases: string, evseId: number, chargingProfile: Payload, ...answers: Payload[]) =>
  row(cases, 'SetChargingProfile', { evseId, chargingProfile }, ...answers)
const profiles = (cases: string, of: Payload, chargingProfile: Payload) =>
  row(
    cases,
    'GetChargingProfiles',
    { requestId: 29, ...of, chargingProfile },
    status('Accepted'),
    status('NoProfiles'),
  )
/** Block K: smart charging. */
const CHARGING = [
  set('TC_K_01 TC_K_04', 1, profile('TxDefaultProfile')),
  set('TC_K_03', 0, profile('ChargingStationMaxProfile')),
  set('TC_K_10', 0, profile('TxDefaultProfile')),
  set('TC_K_15', 1, profile('TxDefaultProfile'), status('Rejected')),
  set(
    'TC_K_19',
    1,
    profile('TxDefaultProfile', { chargingProfileKind: 'Recurring', recurrencyKind: 'Daily' }),
  ),
  set('TC_K_70', 1, profile('TxDefaultProfile', { id: 2002, stackLevel: 4 })),
  row(
    'TC_K_05 TC_K_08',
    'ClearChargingProfile',
    { chargingProfileId: 2001 },
    status('Accepted'),
    status('Unknown'),
  ),
  row('TC_K_06', 'ClearChargingProfile', {
    chargingProfileCriteria: { stackLevel: 3, chargingProfilePurpose: 'TxProfile' },
  }),
  profiles('TC_K_29', { evseId: 0 }, { chargingProfilePurpose: 'TxDefaultProfile' }),
  profiles('TC_K_30', { evseId: 1 }, { chargingProfilePurpose: 'TxDefaultProfile' }),
  profiles('TC_K_31', {}, { chargingProfilePurpose: 'TxDefaultProfile' }),
  profiles('TC_K_32', {}, { chargingProfileId: [2001] }),
  profiles('TC_K_33', { evseId: 1 }, { stackLevel: 3 }),
  profiles('TC_K_34', { evseId: 1 }, { chargingLimitSource: ['CSO'] }),
  profiles('TC_K_35', { evseId: 1 }, { chargingProfilePurpose: 'TxProfile' }),
  profiles('TC_K_36', { evseId: 1 }, { chargingProfilePurpose: 'TxProfile', stackLevel: 3 }),
  row('TC_K_43', 'GetCompositeSchedule', { duration: 300, evseId: 1 }),
  row('TC_K_44', 'GetCompositeSchedule', { duration: 300, evseId: 0 }, status('Rejected')),
]

const hash = {
  hashAlgorithm: 'SHA256',
  issuerNameHash: 'aa',
  issuerKeyHash: 'bb',
  serialNumber: '0f',
}
const install = (cases: string, certificateType: string, ...answers: Payload[]) =>
  row(cases, 'InstallCertificate', { certificateType, certificate: 'PEM' }, ...answers)
const installed = (cases: string, ...types: string[]) =>
  row(cases, 'GetInstalledCertificateIds', types.length === 0 ? {} : { certificateType: types }, {
    status: 'Accepted',
    certificateHashDataChain: [
      { certificateType: types[0] ?? 'CSMSRootCertificate', certificateHashData: hash },
    ],
  })
/** Blocks L and M: what is left of firmware, certificates. */
const CERTIFICATES = [
  row(
    'TC_L_21 TC_L_22 TC_L_23',
    'UnpublishFirmware',
    { checksum: '0123456789abcdef0123456789abcdef' },
    status('Unpublished'),
    status('NoFirmware'),
    status('DownloadOngoing'),
  ),
  install('TC_M_01', 'CSMSRootCertificate'),
  install('TC_M_02', 'ManufacturerRootCertificate'),
  install('TC_M_03', 'V2GRootCertificate'),
  install('TC_M_04', 'MORootCertificate'),
  install('TC_M_05', 'CSMSRootCertificate', status('Failed'), status('Rejected')),
  installed('TC_M_12', 'CSMSRootCertificate'),
  installed('TC_M_13', 'ManufacturerRootCertificate'),
  installed('TC_M_14', 'V2GRootCertificate'),
  installed('TC_M_15', 'V2GCertificateChain'),
  installed('TC_M_16', 'MORootCertificate'),
  installed('TC_M_17', 'CSMSRootCertificate', 'ManufacturerRootCertificate'),
  installed('TC_M_18'),
  row(
    'TC_M_19',
    'GetInstalledCertificateIds',
    { certificateType: ['MORootCertificate'] },
    status('NotFound'),
  ),
  row(
    'TC_M_20 TC_M_21',
    'DeleteCertificate',
    { certificateHashData: hash },
    status('Accepted'),
    status('Failed'),
    status('NotFound'),
  ),
]

const monitored = { component: { name: 'EVSE', evse: { id: 1 } }, variable: { name: 'ACCurrent' } }
const monitor = (of: Payload) => ({ ...monitored, value: 16, severity: 5, ...of })
const set1 = (type: string, id = 1) => ({ ...monitored, status: 'Accepted', type, severity: 5, id })
const report = (cases: string, of: Payload, ...answers: Payload[]) =>
  row(cases, 'GetMonitoringReport', { requestId: 47, ...of }, ...answers)
const customer = (cases: string, of: Payload, ...answers: Payload[]) =>
  row(cases, 'CustomerInformation', { requestId: 27, report: true, clear: false, ...of }, ...answers)
/** Block N: diagnostics. */
const DIAGNOSTICS = [
  report('TC_N_01', { monitoringCriteria: ['ThresholdMonitoring'] }),
  report('TC_N_02', { componentVariable: [monitored] }),
  report('TC_N_03 TC_N_60', { monitoringCriteria: ['DeltaMonitoring'], componentVariable: [monitored] }),
  report('TC_N_47', {}, status('Accepted'), status('EmptyResultSet')),
  row('TC_N_05', 'SetMonitoringBase', { monitoringBase: 'FactoryDefault' }),
  row(
    'TC_N_08',
    'SetVariableMonitoring',
    { setMonitoringData: [monitor({ type: 'UpperThreshold' })] },
    { setMonitoringResult: [set1('UpperThreshold')] },
  ),
  row(
    'TC_N_09',
    'SetVariableMonitoring',
    { setMonitoringData: [monitor({ type: 'UpperThreshold' }), monitor({ type: 'Delta' })] },
    { setMonitoringResult: [set1('UpperThreshold'), set1('Delta', 2)] },
  ),
  row(
    'TC_N_24',
    'SetVariableMonitoring',
    { setMonitoringData: [monitor({ type: 'Periodic', value: 60 })] },
    { setMonitoringResult: [set1('Periodic', 3)] },
  ),
  row('TC_N_16 TC_N_17', 'SetMonitoringLevel', { severity: 4 }, status('Accepted'), status('Rejected')),
  row(
    'TC_N_18 TC_N_44',
    'ClearVariableMonitoring',
    { id: [1, 2, 99] },
    {
      clearMonitoringResult: [
        { id: 1, status: 'Accepted' },
        { id: 2, status: 'Rejected' },
        { id: 99, status: 'NotFound' },
      ],
    },
  ),
  customer('TC_N_27 TC_N_28', { idToken: token }),
  customer('TC_N_29', { customerIdentifier: 'C-1' }, status('Rejected'), status('Invalid')),
  customer('TC_N_30 TC_N_31', { clear: true, idToken: token }),
  customer('TC_N_32', { report: false, clear: true, idToken: token }),
  customer('TC_N_62', { clear: true, customerIdentifier: 'C-1' }),
  customer('TC_N_63', { clear: true, customerCertificate: hash }),
]

const message = (of: Payload = {}) => ({
  id: 1,
  priority: 'NormalCycle',
  message: { format: 'UTF8', content: 'Bus 7 leaves at 05:40' },
  ...of,
})
const show = (cases: string, of: Payload, ...answers: Payload[]) =>
  row(cases, 'SetDisplayMessage', { message: message(of) }, ...answers)
const shown = (cases: string, of: Payload, ...answers: Payload[]) =>
  row(cases, 'GetDisplayMessages', { requestId: 7, ...of }, ...answers)
/** Block O: display messages. */
const DISPLAY = [
  show('TC_O_01 TC_O_12', {}),
  show('TC_O_06', { transactionId: 'tx-1' }),
  show('TC_O_10', { transactionId: 'tx-0' }, status('UnknownTransaction')),
  show('TC_O_13', { startDateTime: '2026-12-01T18:00:00Z' }),
  show('TC_O_14', { endDateTime: '2026-12-01T19:00:00Z' }),
  show('TC_O_27', { transactionId: 'tx-1', startDateTime: '2026-12-01T18:00:00Z' }),
  show('TC_O_28', { transactionId: 'tx-1', endDateTime: '2026-12-01T19:00:00Z' }),
  show('TC_O_17', { priority: 'AlwaysFront' }, status('NotSupportedPriority')),
  show('TC_O_18', { state: 'Faulted' }, status('NotSupportedState')),
  show('TC_O_19', { message: { format: 'HTML', content: '<b>7</b>' } }, status('NotSupportedMessageFormat')),
  show('TC_O_25', { state: 'Charging' }),
  show('TC_O_26', {}, status('Rejected')),
  shown('TC_O_02', {}),
  shown('TC_O_03 TC_O_11', {}, status('Unknown')),
  shown('TC_O_07', { id: [1] }),
  shown('TC_O_08', { priority: 'NormalCycle' }),
  shown('TC_O_09', { state: 'Charging' }),
  row('TC_O_04 TC_O_05', 'ClearDisplayMessage', { id: 1 }, status('Accepted'), status('Unknown')),
]

export const REQUEST_ROWS: readonly RequestRow[] = [
  ...[...PROVISIONING, ...TOKENS, ...CONTROL, ...RESERVATIONS],
  ...[...CHARGING, ...CERTIFICATES, ...DIAGNOSTICS, ...DISPLAY],
]

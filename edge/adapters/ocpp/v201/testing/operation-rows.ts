import { amps } from '@busbar/units/electricity.ts'
import {
  accepted,
  idToken,
  NOW,
  type Row,
  refusedBy,
  setVariable,
  TOKEN,
  transaction,
  unclear,
  variable,
} from './request-row.ts'

/** Remote control, availability and variables. */
export const OPERATION: readonly Row[] = [
  {
    name: 'TC_F_01 K05 a start, with what it gets from the beginning',
    command: { kind: 'request-start', evse: 2, idToken, limit: { limit_a: amps(10) } },
    action: 'RequestStartTransaction',
    payload: {
      evseId: 2,
      idToken: TOKEN,
      remoteStartId: NOW % 2 ** 31,
      chargingProfile: {
        id: 22,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: [
          {
            id: 1,
            startSchedule: '2026-12-01T11:59:00Z',
            chargingRateUnit: 'A',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
          },
        ],
      },
    },
    answers: [accepted, refusedBy('Rejected'), unclear],
  },
  {
    name: 'TC_E_21 a stop, by the name that the station gave',
    command: { kind: 'request-stop', transaction },
    action: 'RequestStopTransaction',
    payload: { transactionId: 'tx-42' },
    answers: [accepted, refusedBy('Rejected')],
  },
  {
    name: 'TC_B_22 a reset now',
    command: { kind: 'reset', mode: 'Immediate' },
    action: 'Reset',
    payload: { type: 'Immediate' },
    answers: [accepted, [{ status: 'Scheduled' }, { status: 'accepted', when: 'Scheduled' }]],
  },
  {
    name: 'TC_B_26 a reset of one EVSE, when it is idle',
    command: { kind: 'reset', mode: 'OnIdle', evse: 1 },
    action: 'Reset',
    payload: { type: 'OnIdle', evseId: 1 },
    answers: [refusedBy('Rejected')],
  },
  {
    name: 'TC_G_03 an EVSE out of service',
    command: { kind: 'set-availability', evse: 1, connector: 1, operative: false },
    action: 'ChangeAvailability',
    payload: { operationalStatus: 'Inoperative', evse: { id: 1, connectorId: 1 } },
    answers: [accepted, [{ status: 'Scheduled' }, { status: 'accepted', when: 'Scheduled' }]],
  },
  {
    name: 'TC_G_06 a whole station in service',
    command: { kind: 'set-availability', evse: 0, operative: true },
    action: 'ChangeAvailability',
    payload: { operationalStatus: 'Operative' },
    answers: [refusedBy('Rejected')],
  },
  {
    name: 'TC_F_06 an unlocked connector',
    command: { kind: 'unlock-connector', evse: 1, connector: 0 },
    action: 'UnlockConnector',
    payload: { evseId: 1, connectorId: 1 },
    answers: [
      [{ status: 'Unlocked' }, { status: 'accepted' }],
      refusedBy('UnlockFailed'),
      refusedBy('OngoingAuthorizedTransaction'),
      refusedBy('UnknownConnector'),
    ],
  },
  {
    name: 'TC_F_11 triggered meter values',
    command: { kind: 'trigger', message: 'MeterValues', evse: 1 },
    action: 'TriggerMessage',
    payload: { requestedMessage: 'MeterValues', evse: { id: 1 } },
    answers: [accepted, refusedBy('NotImplemented')],
  },
  {
    name: 'TC_F_23 a triggered status',
    command: { kind: 'trigger', message: 'StatusNotification', evse: 1 },
    action: 'TriggerMessage',
    payload: { requestedMessage: 'StatusNotification', evse: { id: 1, connectorId: 1 } },
    answers: [accepted],
  },
  {
    name: 'P01 data of a vendor',
    command: { kind: 'data-transfer', vendor: 'v', message: 'm', data: '{}' },
    action: 'DataTransfer',
    payload: { vendorId: 'v', messageId: 'm', data: '{}' },
    answers: [
      [
        { status: 'Accepted', data: { a: 1 } },
        { status: 'accepted', data: '{"a":1}' },
      ],
      refusedBy('UnknownVendorId'),
    ],
  },
  {
    name: 'TC_B_06 variables, also by a key of 1.6',
    command: { kind: 'get-variables', names: ['HeartbeatInterval', 'Connector[x]@1/2.Phase[y]'] },
    action: 'GetVariables',
    payload: {
      getVariableData: [
        variable('OCPPCommCtrlr', 'HeartbeatInterval'),
        {
          component: { name: 'Connector', instance: 'x', evse: { id: 1, connectorId: 2 } },
          variable: { name: 'Phase', instance: 'y' },
        },
      ],
    },
    answers: [
      [
        {
          getVariableResult: [
            {
              ...variable('OCPPCommCtrlr', 'HeartbeatInterval'),
              attributeStatus: 'Accepted',
              attributeValue: '60',
            },
            {
              ...variable('SecurityCtrlr', 'BasicAuthPassword'),
              attributeStatus: 'Accepted',
              attributeValue: 'x',
            },
            { ...variable('No', 'Such'), attributeStatus: 'UnknownComponent' },
          ],
        },
        {
          status: 'accepted',
          variables: [
            { name: 'OCPPCommCtrlr.HeartbeatInterval', value: '60' },
            { name: 'SecurityCtrlr.BasicAuthPassword', value: null },
          ],
          unknown: ['No.Such'],
        },
      ],
    ],
  },
  {
    name: 'TC_B_13 all variables, which come as reports',
    command: { kind: 'get-variables', names: 'all' },
    action: 'GetBaseReport',
    payload: { requestId: NOW % 2 ** 31, reportBase: 'FullInventory' },
    answers: [accepted, refusedBy('NotSupported'), [{ status: 'EmptyResultSet' }, { status: 'accepted' }]],
  },
  {
    name: 'TC_B_09 a variable set',
    command: setVariable('TxCtrlr.EVConnectionTimeOut'),
    action: 'SetVariables',
    payload: { setVariableData: [{ ...variable('TxCtrlr', 'EVConnectionTimeOut'), attributeValue: '30' }] },
    answers: [
      [{ setVariableResult: [{ attributeStatus: 'Accepted' }] }, { status: 'accepted' }],
      [{ setVariableResult: [{ attributeStatus: 'RebootRequired' }] }, { when: 'RebootRequired' }],
      [{ setVariableResult: [{ attributeStatus: 'UnknownVariable' }] }, { status: 'rejected' }],
      [{}, { status: 'unanswered' }],
    ],
  },
]

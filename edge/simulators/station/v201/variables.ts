import { toIso } from '@busbar/units/time.ts'
import { z } from 'zod'
import { answered, type Handler, on, type StationParts, status } from '../inbound.ts'

/** The variables this station has, and the setting inside that each stands for. */
const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['AuthCacheCtrlr.Enabled', 'AuthorizationCacheEnabled'],
  ['AuthCtrlr.AuthorizeRemoteStart', 'AuthorizeRemoteTxRequests'],
  ['AuthCtrlr.LocalAuthorizeOffline', 'LocalAuthorizeOffline'],
  ['AuthCtrlr.LocalPreAuthorize', 'LocalPreAuthorize'],
  ['AuthCtrlr.OfflineTxForUnknownIdEnabled', 'AllowOfflineTxForUnknownId'],
  ['OCPPCommCtrlr.HeartbeatInterval', 'HeartbeatInterval'],
  ['OCPPCommCtrlr.MessageAttempts', 'TransactionMessageAttempts'],
  ['OCPPCommCtrlr.MessageAttemptInterval', 'TransactionMessageRetryInterval'],
  ['OCPPCommCtrlr.WebSocketPingInterval', 'WebSocketPingInterval'],
  ['SampledDataCtrlr.TxUpdatedInterval', 'MeterValueSampleInterval'],
  ['SampledDataCtrlr.TxUpdatedMeasurands', 'MeterValuesSampledData'],
  ['SmartChargingCtrlr.ProfileStackLevel', 'ChargeProfileMaxStackLevel'],
  ['SmartChargingCtrlr.PeriodsPerSchedule', 'ChargingScheduleMaxPeriods'],
  ['TxCtrlr.EVConnectionTimeOut', 'ConnectionTimeOut'],
  ['TxCtrlr.StopTxOnInvalidId', 'StopTransactionOnInvalidId'],
])
const COMPONENTS = new Set([...VARIABLES.keys(), 'SecurityCtrlr.'].map((name) => name.split('.')[0]))
const PASSWORD = 'SecurityCtrlr.BasicAuthPassword'
const PART = 4

const Named = z.object({ name: z.string() }).loose()
const Asked = z.object({ component: Named, variable: Named })
type Asked = z.infer<typeof Asked>
const nameOf = ({ component, variable }: Asked): string => `${component.name}.${variable.name}`

export const VARIABLE_HANDLERS: Readonly<Record<string, Handler>> = {
  GetVariables: on(z.object({ getVariableData: z.array(Asked).min(1) }), (station, { getVariableData }) => ({
    payload: { getVariableResult: getVariableData.map((asked) => read(station, asked)) },
  })),
  SetVariables: on(
    z.object({ setVariableData: z.array(Asked.extend({ attributeValue: z.string() })).min(1) }),
    (station, { setVariableData }) => {
      const results = setVariableData.map((asked) => write(station, asked))
      return answered({ setVariableResult: results.map(({ result }) => result) }, () => {
        for (const { afterwards } of results) afterwards?.()
      })
    },
  ),
  GetBaseReport: on(z.object({ requestId: z.int(), reportBase: z.string() }), (station, { requestId }) =>
    status('Accepted', () => report(station, requestId)),
  ),
}

const unknown = ({ component }: Asked): string =>
  COMPONENTS.has(component.name) ? 'UnknownVariable' : 'UnknownComponent'

function read(station: StationParts, { component, variable }: Asked) {
  const asked = { component, variable }
  if (nameOf(asked) === PASSWORD) return { ...asked, attributeStatus: 'Rejected' }
  const key = VARIABLES.get(nameOf(asked))
  const value = key === undefined ? undefined : settingOf(station, key)
  if (value === undefined) return { ...asked, attributeStatus: unknown(asked) }
  return { ...asked, attributeStatus: 'Accepted', attributeValue: value }
}

const Answer = z.object({ configurationKey: z.array(z.object({ value: z.string() })) })
const settingOf = ({ configuration }: StationParts, key: string): string | undefined =>
  Answer.parse(configuration.read([key])).configurationKey[0]?.value

function write(
  station: StationParts,
  { component, variable, attributeValue }: Asked & { attributeValue: string },
): { readonly result: object; readonly afterwards?: () => void } {
  const asked = { component, variable }
  if (nameOf(asked) === PASSWORD) {
    if (!/^[ -~]{16,40}$/.test(attributeValue)) return { result: { ...asked, attributeStatus: 'Rejected' } }
    const afterwards = () => station.setSecret(Buffer.from(attributeValue))
    return { result: { ...asked, attributeStatus: 'Accepted' }, afterwards }
  }
  const key = VARIABLES.get(nameOf(asked))
  if (key === undefined) return { result: { ...asked, attributeStatus: unknown(asked) } }
  const answer = station.configuration.change(key, attributeValue)
  station.record('configuration', { key, value: attributeValue, answer })
  return { result: { ...asked, attributeStatus: answer } }
}

/** All variables, a few in each part. @see OCPP 2.0.1 B07 */
function report(station: StationParts, requestId: number): void {
  const names = [...VARIABLES.entries()]
  for (let seqNo = 0; seqNo * PART < names.length; seqNo++)
    station.tell('NotifyReport', {
      requestId,
      seqNo,
      generatedAt: toIso(station.now()),
      tbc: (seqNo + 1) * PART < names.length,
      reportData: names.slice(seqNo * PART, (seqNo + 1) * PART).map(([name, key]) => ({
        component: { name: name.split('.')[0] },
        variable: { name: name.split('.')[1] },
        variableAttribute: [{ value: settingOf(station, key) }],
      })),
    })
}

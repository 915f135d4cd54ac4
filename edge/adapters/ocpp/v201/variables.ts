import type { Requests } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { StationAnswer } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import { type CommandOf, detailedAnswer, statusAnswer } from '../status-answer.ts'
import { objectsOf, plainWord, textOf } from '../tolerant.ts'
import { wholeOf } from './id-token-info.ts'
import { numberFor, type Request, request, type Speech } from './request.ts'
import { readResults, setResults } from './told-variables.ts'

type Target = Pick<Requests['GetVariables']['getVariableData'][number], 'component' | 'variable'>

/** Keys of OCPP 1.6 and the variables that took their place. */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AuthorizationCacheEnabled: 'AuthCacheCtrlr.Enabled',
    AuthorizationKey: 'SecurityCtrlr.BasicAuthPassword',
    AuthorizeRemoteTxRequests: 'AuthCtrlr.AuthorizeRemoteStart',
    ConnectionTimeOut: 'TxCtrlr.EVConnectionTimeOut',
    HeartbeatInterval: 'OCPPCommCtrlr.HeartbeatInterval',
    LocalAuthListEnabled: 'LocalAuthListCtrlr.Enabled',
    LocalAuthorizeOffline: 'AuthCtrlr.LocalAuthorizeOffline',
    LocalPreAuthorize: 'AuthCtrlr.LocalPreAuthorize',
    MeterValueSampleInterval: 'SampledDataCtrlr.TxUpdatedInterval',
    MeterValuesSampledData: 'SampledDataCtrlr.TxUpdatedMeasurands',
    StopTransactionOnInvalidId: 'TxCtrlr.StopTxOnInvalidId',
    WebSocketPingInterval: 'OCPPCommCtrlr.WebSocketPingInterval',
  }).map(([key, variable]) => [plainWord(key), variable]),
)

/** `Component[instance]@evse/connector.Variable[instance]`, all in brackets and after `@` as needed. */
const NAME = /^([^.[\]@]+)(?:\[([^\]]+)\])?(?:@(\d+)(?:\/(\d+))?)?\.([^.[\]]+)(?:\[([^\]]+)\])?$/
/** It goes no further than here, though no station should tell it. */
const SECRET = 'basicauthpassword'

function targetOf(name: string): Target | null {
  const [, component, instance, evse, connector, variable, variableInstance] =
    NAME.exec(ALIASES.get(plainWord(name)) ?? name.trim()) ?? []
  if (component === undefined || variable === undefined) return null
  const place = connector === undefined ? {} : { connectorId: Number(connector) }
  return {
    component: {
      name: component,
      ...(instance === undefined ? {} : { instance }),
      ...(evse === undefined ? {} : { evse: { id: Number(evse), ...place } }),
    },
    variable: {
      name: variable,
      ...(variableInstance === undefined ? {} : { instance: variableInstance }),
    },
  }
}

/** All of them come in NotifyReport, part by part. @see OCPP 2.0.1 B06, B07 */
export function getVariables({ names }: CommandOf<'get-variables'>, speech: Speech): Request {
  if (names === 'all') {
    const report = { request: numberFor(speech), base: 'FullInventory' } as const
    return request(
      speech,
      'GetBaseReport',
      { requestId: report.request, reportBase: report.base },
      detailedAnswer(['Accepted', 'EmptyResultSet'], () => ({ report })),
    )
  }
  const targets = names.map(targetOf)
  const odd = names.find((_name, index) => targets[index] === null)
  if (odd !== undefined) return { refused: `"${odd}" is no Component.Variable` }
  const getVariableData = targets.filter((target) => target !== null)
  return request(speech, 'GetVariables', { getVariableData }, readVariables)
}

function readVariables(answer: Payload): StationAnswer {
  const results = objectsOf(answer.getVariableResult).map((result) => ({
    name: nameOf(result),
    accepted: plainWord(textOf(result.attributeStatus) ?? '') === 'accepted',
    value: textOf(result.attributeValue),
  }))
  return {
    status: 'accepted',
    variables: results.flatMap(({ name, accepted, value }) =>
      accepted ? [{ name, value: plainWord(name).endsWith(SECRET) ? null : value, readonly: false }] : [],
    ),
    unknown: results.flatMap(({ name, accepted }) => (accepted ? [] : [name])),
    told: { source: 'read', variables: readResults(answer) },
  }
}

function nameOf(result: Payload): string {
  const [component = {}] = objectsOf(result.component)
  const [variable = {}] = objectsOf(result.variable)
  const [evse] = objectsOf(component.evse)
  const inBrackets = (of: Payload) => (textOf(of.instance) === null ? '' : `[${textOf(of.instance)}]`)
  const connector = wholeOf(evse?.connectorId)
  const place =
    evse === undefined ? '' : `@${wholeOf(evse.id) ?? '?'}${connector === null ? '' : `/${connector}`}`
  return `${textOf(component.name) ?? '?'}${inBrackets(component)}${place}.${textOf(variable.name) ?? '?'}${inBrackets(variable)}`
}

/** @see OCPP 2.0.1 A01 */
export const changePassword = ({ password }: CommandOf<'change-password'>, speech: Speech): Request =>
  setVariable({ kind: 'set-variable', name: 'SecurityCtrlr.BasicAuthPassword', value: password }, speech)

/** `RebootRequired` is an acceptance: the value holds from the next boot. @see OCPP 2.0.1 B05 */
export function setVariable({ name, value }: CommandOf<'set-variable'>, speech: Speech): Request {
  const target = targetOf(name)
  if (target === null) return { refused: `"${name}" is no Component.Variable` }
  const setVariableData = [{ attributeValue: value, ...target }]
  return request(speech, 'SetVariables', { setVariableData }, (answer) => {
    const [result = {}] = objectsOf(answer.setVariableResult)
    const told = { source: 'set', variables: setResults(setVariableData, answer) } as const
    const status = statusAnswer('Accepted', 'RebootRequired')({ status: result.attributeStatus })
    return status.status === 'accepted' && told.variables.length > 0 ? { ...status, told } : status
  })
}

import type {
  ReportBase,
  ToldVariable,
  VariableAttribute,
  VariableMonitor,
  VariablePlace,
} from '../../../domain/charging/device-model/variable.ts'
import type { Payload } from '../rpc/frame.ts'
import { numberOf, objectsOf, plainWord, textOf, words } from '../tolerant.ts'
import { wholeOf } from './id-token-info.ts'

/** Longest value of a variable that the standard knows; more is cut. @see OCPP 2.0.1 ReportingValueSize */
const LONGEST_VALUE = 2500
const LONGEST_NAME = 50
const SECRET = /password|secret|privatekey|authorizationkey/i

const typeOf = words({ Actual: 'Actual', Target: 'Target', MinSet: 'MinSet', MaxSet: 'MaxSet' } as const)
const mutabilityOf = words({
  ReadOnly: 'ReadOnly',
  WriteOnly: 'WriteOnly',
  ReadWrite: 'ReadWrite',
} as const)
const baseOf = words<ReportBase>({
  FullInventory: 'FullInventory',
  ConfigurationInventory: 'ConfigurationInventory',
  SummaryInventory: 'SummaryInventory',
})

const nameIn = (of: Payload, key: string): string | null => textOf(of[key])?.slice(0, LONGEST_NAME) ?? null

/** Component and variable of an entry; null when it names none. */
export function placeOf(entry: Payload): VariablePlace | null {
  const [component = {}] = objectsOf(entry.component)
  const [variable = {}] = objectsOf(entry.variable)
  const [name, variableName] = [nameIn(component, 'name'), nameIn(variable, 'name')]
  if (name === null || variableName === null) return null
  const [evse = {}] = objectsOf(component.evse)
  return {
    component: {
      name,
      instance: nameIn(component, 'instance'),
      evse: wholeOf(evse.id),
      connector: wholeOf(evse.connectorId),
    },
    variable: { name: variableName, instance: nameIn(variable, 'instance') },
  }
}

const attributeOf = (told: Payload, place: VariablePlace): VariableAttribute => ({
  type: typeOf(textOf(told.type)) ?? 'Actual',
  value: SECRET.test(place.variable.name) ? null : (textOf(told.value)?.slice(0, LONGEST_VALUE) ?? null),
  mutability: mutabilityOf(textOf(told.mutability)) ?? null,
})

/** @see OCPP 2.0.1 ReportDataType */
function reported(entry: Payload): ToldVariable | null {
  const place = placeOf(entry)
  if (place === null) return null
  const [characteristics] = objectsOf(entry.variableCharacteristics)
  return {
    ...place,
    attributes: objectsOf(entry.variableAttribute).map((told) => attributeOf(told, place)),
    ...(characteristics === undefined
      ? {}
      : {
          characteristics: {
            data_type: textOf(characteristics.dataType),
            unit: textOf(characteristics.unit),
            min: numberOf(characteristics.minLimit),
            max: numberOf(characteristics.maxLimit),
            values: textOf(characteristics.valuesList)?.slice(0, LONGEST_VALUE) ?? null,
          },
        }),
  }
}

/** @see OCPP 2.0.1 MonitoringDataType */
function monitored(entry: Payload): ToldVariable | null {
  const place = placeOf(entry)
  const monitors = objectsOf(entry.variableMonitoring).flatMap((told): VariableMonitor[] => {
    const id = wholeOf(told.id)
    if (id === null) return []
    return [
      {
        id,
        type: textOf(told.type) ?? '?',
        severity: numberOf(told.severity),
        value: numberOf(told.value),
        transaction: plainWord(textOf(told.transaction) ?? '') === 'true',
      },
    ]
  })
  return place === null ? null : { ...place, attributes: [], monitors }
}

const READERS = {
  NotifyReport: { member: 'reportData', read: reported, source: 'report' },
  NotifyMonitoringReport: { member: 'monitor', read: monitored, source: 'monitoring' },
} as const

/** The variables of a part of a report, and whether some of it could not be read. */
export function variablesIn(action: keyof typeof READERS, payload: Payload) {
  const { member, read, source } = READERS[action]
  const entries = objectsOf(payload[member])
  const variables = entries.map(read).filter((variable) => variable !== null)
  return {
    source,
    request: wholeOf(payload.requestId),
    part: wholeOf(payload.seqNo),
    more: payload.tbc === true,
    variables,
    flawed: variables.length < entries.length,
  } as const
}

/** What the answer to GetVariables tells. @see OCPP 2.0.1 GetVariableResultType */
export const readResults = (answer: Payload): readonly ToldVariable[] =>
  objectsOf(answer.getVariableResult).flatMap((result) => {
    const place = placeOf(result)
    if (place === null || plainWord(textOf(result.attributeStatus) ?? '') !== 'accepted') return []
    const { attributeType: type, attributeValue: value } = result
    return [{ ...place, attributes: [attributeOf({ type, value }, place)] }]
  })

/** What holds after SetVariables: of each that was accepted at once, what was asked. */
export function setResults(asked: unknown, answer: Payload): readonly ToldVariable[] {
  const wanted = objectsOf(asked)
  return objectsOf(answer.setVariableResult).flatMap((result, index) => {
    const place = placeOf(result)
    if (place === null || plainWord(textOf(result.attributeStatus) ?? '') !== 'accepted') return []
    const { attributeType: type, attributeValue: value } = wanted[index] ?? {}
    return [{ ...place, attributes: [attributeOf({ type, value }, place)] }]
  })
}

/** The report that this request asks for; null when it asks for none. */
export function announcedBy(
  action: string,
  payload: Payload,
): { readonly request: number; readonly base: ReportBase } | null {
  const request = wholeOf(payload.requestId)
  if (request === null) return null
  if (action === 'GetBaseReport') {
    const base = baseOf(textOf(payload.reportBase))
    return base === undefined ? null : { request, base }
  }
  if (action === 'GetReport') return { request, base: 'custom' }
  return action === 'GetMonitoringReport' ? { request, base: 'monitoring' } : null
}

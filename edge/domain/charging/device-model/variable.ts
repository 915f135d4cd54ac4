/** One attribute of a variable. @see OCPP 2.0.1 VariableAttributeType */
export interface VariableAttribute {
  readonly type: 'Actual' | 'Target' | 'MinSet' | 'MaxSet'
  /** Null: not told, write-only, or a secret that is not kept. */
  readonly value: string | null
  readonly mutability: 'ReadOnly' | 'WriteOnly' | 'ReadWrite' | null
}

/** A monitor that is set on a variable. @see OCPP 2.0.1 VariableMonitoringType */
export interface VariableMonitor {
  readonly id: number
  readonly type: string
  readonly severity: number | null
  readonly value: number | null
  /** Only while a transaction runs. */
  readonly transaction: boolean
}

/** Where a variable is: instances and places are null where they are not told. */
export interface VariablePlace {
  readonly component: {
    readonly name: string
    readonly instance: string | null
    readonly evse: number | null
    readonly connector: number | null
  }
  readonly variable: { readonly name: string; readonly instance: string | null }
}

/** What a station tells of one variable; what it leaves out is absent. @see OCPP 2.0.1 ReportDataType */
export interface ToldVariable extends VariablePlace {
  readonly attributes: readonly VariableAttribute[]
  readonly characteristics?: {
    readonly data_type: string | null
    readonly unit: string | null
    readonly min: number | null
    readonly max: number | null
    readonly values: string | null
  }
  readonly monitors?: readonly VariableMonitor[]
}

/** `read` and `set`: by the answer to a request for this variable; the others come in parts. */
export type VariableSource = 'report' | 'monitoring' | 'read' | 'set'

/** What a report that was asked for is to hold. */
export type ReportBase =
  | 'FullInventory'
  | 'ConfigurationInventory'
  | 'SummaryInventory'
  | 'custom'
  | 'monitoring'

/** One text for each variable of a station; letters of either case are the same. */
export const variableKey = ({ component, variable }: VariablePlace): string =>
  JSON.stringify(
    [
      component.name,
      component.instance,
      component.evse,
      component.connector,
      variable.name,
      variable.instance,
    ].map((part) => (typeof part === 'string' ? part.toLowerCase() : part)),
  )

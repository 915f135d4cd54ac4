import { LONGEST_UPDATE } from './services/local-list.ts'

interface Key {
  value: string
  readonly kind: 'count' | 'flag' | 'text'
  readonly readonly: boolean
}

const count = (value: number, readonly = false): Key => ({ value: String(value), kind: 'count', readonly })
const flag = (value: boolean, readonly = false): Key => ({ value: String(value), kind: 'flag', readonly })
const text = (value: string, readonly = false): Key => ({ value, kind: 'text', readonly })

export const MAX_STACK_LEVEL = 10
export const MAX_PERIODS = 24
export const MAX_INSTALLED = 20
const MEASURANDS = 'Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC'

export type ConfigurationAnswer = 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported'

/** The configuration keys of OCPP 1.6 that a virtual station keeps; they survive a reboot. @see OCPP 1.6 section 9 */
export class Configuration {
  readonly #keys: Map<string, Key>

  constructor(kind: 'ac' | 'dc', meterIntervalS: number) {
    this.#keys = new Map(Object.entries(initialKeys(kind, meterIntervalS)))
  }

  count(name: string): number {
    return Number(this.#keys.get(name)?.value ?? 0)
  }

  flag(name: string): boolean {
    return this.#keys.get(name)?.value === 'true'
  }

  list(name: string): readonly string[] {
    return (this.#keys.get(name)?.value ?? '').split(',').map((item) => item.trim())
  }

  /** Sets a key from inside the station. */
  note(name: string, value: number): void {
    const key = this.#keys.get(name)
    if (key) key.value = String(value)
  }

  change(name: string, value: string): ConfigurationAnswer {
    const key = this.#keys.get(name)
    if (!key) return 'NotSupported'
    if (key.readonly || !fits(key, value)) return 'Rejected'
    key.value = key.kind === 'flag' ? value.toLowerCase() : value.trim()
    return 'Accepted'
  }

  read(names: readonly string[]): {
    readonly configurationKey: readonly object[]
    readonly unknownKey: readonly string[]
  } {
    const asked = names.length > 0 ? names : [...this.#keys.keys()]
    const configurationKey = asked.flatMap((name) => {
      const key = this.#keys.get(name)
      return key ? [{ key: name, readonly: key.readonly, value: key.value }] : []
    })
    return { configurationKey, unknownKey: asked.filter((name) => !this.#keys.has(name)) }
  }
}

function fits(key: Key, value: string): boolean {
  if (key.kind === 'count') return /^\d{1,9}$/.test(value.trim())
  if (key.kind === 'flag') return /^(true|false)$/i.test(value)
  return value.length <= 500
}

function initialKeys(kind: 'ac' | 'dc', meterIntervalS: number): Record<string, Key> {
  return {
    AllowOfflineTxForUnknownId: flag(false),
    AuthorizationCacheEnabled: flag(true),
    AuthorizeRemoteTxRequests: flag(false),
    ChargeProfileMaxStackLevel: count(MAX_STACK_LEVEL, true),
    ChargingScheduleAllowedChargingRateUnit: text(kind === 'ac' ? 'Current,Power' : 'Power', true),
    ChargingScheduleMaxPeriods: count(MAX_PERIODS, true),
    ClockAlignedDataInterval: count(0, true),
    ConnectionTimeOut: count(60),
    ConnectorPhaseRotation: text('0.Unknown,1.Unknown'),
    GetConfigurationMaxKeys: count(50, true),
    HeartbeatInterval: count(300),
    LocalAuthListEnabled: flag(true),
    LocalAuthListMaxLength: count(10_000, true),
    LocalAuthorizeOffline: flag(true),
    LocalPreAuthorize: flag(false),
    MaxChargingProfilesInstalled: count(MAX_INSTALLED, true),
    MeterValueSampleInterval: count(meterIntervalS),
    MeterValuesAlignedData: text('', true),
    MeterValuesSampledData: text(MEASURANDS),
    NumberOfConnectors: count(1, true),
    ReserveConnectorZeroSupported: flag(true, true),
    ResetRetries: count(0, true),
    SendLocalListMaxLength: count(LONGEST_UPDATE, true),
    StopTransactionOnEVSideDisconnect: flag(true, true),
    StopTransactionOnInvalidId: flag(true),
    StopTxnAlignedData: text('', true),
    StopTxnSampledData: text('', true),
    SupportedFeatureProfiles: text(
      'Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger',
      true,
    ),
    TransactionMessageAttempts: count(10),
    TransactionMessageRetryInterval: count(10),
    UnlockConnectorOnEVSideDisconnect: flag(true, true),
    WebSocketPingInterval: count(0, true),
  }
}

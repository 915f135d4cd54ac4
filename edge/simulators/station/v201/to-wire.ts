import type { Payload } from '../uplink.ts'

const CARD = /^([0-9a-f]{8}|[0-9a-f]{14}|[0-9a-f]{20})$/i

export const token = (idToken: string): Payload => ({
  idToken,
  type: CARD.test(idToken) ? 'ISO14443' : 'Central',
})

/** The five words of OCPP 2.0.1 for the states of 1.6. */
export function connectorStatus(status: string): string {
  if (['Available', 'Reserved', 'Unavailable', 'Faulted'].includes(status)) return status
  return 'Occupied'
}

/** What the vehicle does, while a transaction runs or has just ended. @see OCPP 2.0.1 ChargingStateEnumType */
export function chargingState(status: string): string {
  if (['Charging', 'SuspendedEV', 'SuspendedEVSE'].includes(status)) return status
  return status === 'Finishing' || status === 'Available' ? 'Idle' : 'EVConnected'
}

const REASONS: Readonly<Record<string, string>> = {
  HardReset: 'ImmediateReset',
  SoftReset: 'ImmediateReset',
  UnlockCommand: 'Remote',
}
export const stoppedReason = (reason: unknown): string => REASONS[String(reason)] ?? String(reason)

interface SampledValue16 {
  readonly value: string
  readonly unit: string
}

/** Numbers instead of texts, and the unit in a type of its own. */
export function meterValues(meterValue: unknown): readonly Payload[] {
  const values = Array.isArray(meterValue) ? meterValue : []
  return values.map(({ timestamp, sampledValue }) => ({
    timestamp,
    sampledValue: sampledValue.map(({ value, unit, ...rest }: SampledValue16) => ({
      ...rest,
      value: Number(value),
      unitOfMeasure: { unit },
    })),
  }))
}

/** A register alone, as a transaction's first and last event tell it. */
export const register = (wh: unknown, timestamp: unknown, context: string): readonly Payload[] => [
  {
    timestamp,
    sampledValue: [
      {
        value: wh,
        context,
        measurand: 'Energy.Active.Import.Register',
        location: 'Outlet',
        unitOfMeasure: { unit: 'Wh' },
      },
    ],
  },
]

import { type Instant, toIso } from '@busbar/units/time.ts'
import type { OutletReading } from './outlet.ts'

interface SampledValue {
  readonly value: string
  readonly context: string
  readonly measurand: string
  readonly unit: string
  readonly location: string
  readonly phase?: string
}

export interface MeterValue {
  readonly timestamp: string
  readonly sampledValue: readonly SampledValue[]
}

export interface Sample {
  readonly at: Instant
  readonly context: 'Sample.Periodic' | 'Trigger' | 'Transaction.Begin' | 'Transaction.End'
  readonly kind: 'ac' | 'dc'
  readonly phases: 1 | 3
  readonly measurands: readonly string[]
}

/** One reading as OCPP 1.6 writes it; energy and power are those of the outlet, currents those of the AC side. */
export function meterValue(reading: OutletReading, sample: Sample): MeterValue {
  const { context, kind, phases } = sample
  const acSide = kind === 'dc' ? 'Inlet' : 'Outlet'
  const value = (measurand: string, amount: number, unit: string, where = 'Outlet'): SampledValue => ({
    value: String(Math.round(amount * 100) / 100),
    context,
    measurand,
    unit,
    location: where,
  })
  const conductors = [1, 2, 3].slice(0, phases)
  const all = [
    value('Energy.Active.Import.Register', reading.registerWh, 'Wh'),
    value('Power.Active.Import', reading.powerW, 'W'),
    ...conductors.map((n) => ({
      ...value('Current.Import', reading.currentA[n - 1] ?? 0, 'A', acSide),
      phase: `L${n}`,
    })),
    ...conductors.map((n) => ({
      ...value('Voltage', reading.voltageV[n - 1] ?? 0, 'V', acSide),
      phase: `L${n}-N`,
    })),
    ...(reading.socPct === null ? [] : [value('SoC', reading.socPct, 'Percent', 'EV')]),
  ]
  return {
    timestamp: toIso(sample.at),
    sampledValue: all.filter((sampled) => sample.measurands.includes(sampled.measurand)),
  }
}

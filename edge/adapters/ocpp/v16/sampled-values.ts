import { type Amps, amps, percent, type Volts, volts, wattHours, watts } from '@busbar/units/electricity.ts'
import { type PerPhase, PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { EvseSample } from '../../../domain/inputs.ts'
import type { Payload } from '../rpc/frame.ts'
import { stationTime } from '../station-time.ts'
import { lookUp, numberOf, objectsOf, plainWord, textOf } from '../tolerant.ts'

type Quantity = 'register' | 'power' | 'current' | 'offered' | 'voltage' | 'soc'

/** What we read, and each unit's factor to our own; the first unit holds when none is given. */
const MEASURANDS: Readonly<Record<string, { quantity: Quantity; units: Readonly<Record<string, number>> }>> =
  {
    'Energy.Active.Import.Register': { quantity: 'register', units: { Wh: 1, kWh: 1000 } },
    'Power.Active.Import': { quantity: 'power', units: { W: 1, kW: 1000 } },
    'Current.Import': { quantity: 'current', units: { A: 1, mA: 0.001 } },
    'Current.Offered': { quantity: 'offered', units: { A: 1, mA: 0.001 } },
    Voltage: { quantity: 'voltage', units: { V: 1, kV: 1000 } },
    SoC: { quantity: 'soc', units: { Percent: 1, '%': 1 } },
  }
const PHASE_NAMES: Readonly<Record<string, Phase>> = {
  l1: 'l1',
  l1n: 'l1',
  l2: 'l2',
  l2n: 'l2',
  l3: 'l3',
  l3n: 'l3',
}

interface Reading {
  readonly value: number
  /** Values at the outlet win over those taken elsewhere in the station. */
  readonly outlet: boolean
}
type Readings = Map<`${Quantity}/${Phase | 'total'}`, Reading>

export interface Samples {
  readonly samples: readonly EvseSample[]
  /** What could not be understood, in the station's words. */
  readonly unread: readonly string[]
}

/** The samples in a `meterValue` or `transactionData` member; those with nothing readable are left out. */
export function samplesOf(meterValue: unknown, receivedAt: Instant): Samples {
  const unread: string[] = []
  const samples: EvseSample[] = []
  for (const entry of objectsOf(meterValue)) {
    const readings: Readings = new Map()
    for (const sampled of objectsOf(entry.sampledValue)) {
      const problem = read(sampled, readings)
      if (problem !== null) unread.push(problem)
    }
    const values = valuesOf(readings)
    const time = stationTime(textOf(entry.timestamp), receivedAt, 'report')
    if (Object.keys(values).length > 0) samples.push({ time, ...values })
  }
  return { samples, unread }
}

/** Adds one sampled value. @returns what cannot be understood about it, or null; measurands we do not use are no problem */
function read(sampled: Payload, readings: Readings): string | null {
  const name = textOf(sampled.measurand) ?? 'Energy.Active.Import.Register'
  const measurand = lookUp(MEASURANDS, name)
  const location = plainWord(textOf(sampled.location) ?? 'Outlet')
  const phase = phaseOf(textOf(sampled.phase))
  if (!measurand || phase === null || location === 'body') return null
  if (plainWord(textOf(sampled.format) ?? 'Raw') !== 'raw') return `${name}: signed data`
  const unit = textOf(sampled.unit)
  const factor = unit === null ? 1 : unitFactor(measurand.units, unit)
  const number = numberOf(sampled.value)
  if (factor === undefined || number === null) return `${name}: ${textOf(sampled.value)} ${unit ?? ''}`.trim()
  const reading = { value: number * factor, outlet: location === 'outlet' }
  const key = `${measurand.quantity}/${phase}` as const
  if (reading.outlet || !readings.get(key)?.outlet) readings.set(key, reading)
  return null
}

/** Units are compared without case, and "%" as it stands. */
const unitFactor = (units: Readonly<Record<string, number>>, unit: string): number | undefined =>
  Object.entries(units).find(([name]) => name.toLowerCase() === unit.toLowerCase())?.[1]

/** L1 and L1-N are one; the neutral and values between two phases are not used. */
function phaseOf(phase: string | null): Phase | 'total' | null {
  return phase === null ? 'total' : (PHASE_NAMES[plainWord(phase)] ?? null)
}

function valuesOf(readings: Readings): Omit<EvseSample, 'time'> {
  const of = (quantity: Quantity, phase: Phase | 'total') => readings.get(`${quantity}/${phase}`)?.value
  const phases = (quantity: Quantity) =>
    PHASES.flatMap((phase) => {
      const value = of(quantity, phase)
      return value === undefined ? [] : [[phase, value] as const]
    })
  const sum = (quantity: Quantity) =>
    phases(quantity).reduce<number | undefined>((all, [, one]) => (all ?? 0) + one, undefined)
  const most = (quantity: Quantity) =>
    phases(quantity).reduce<number | undefined>((all, [, one]) => Math.max(all ?? one, one), undefined)

  const register = of('register', 'total') ?? sum('register')
  const power = of('power', 'total') ?? sum('power')
  const offered = of('offered', 'total') ?? most('offered')
  const soc = of('soc', 'total')
  // A current or voltage without a phase may be that of a DC outlet, so it is nobody's phase.
  const current: Partial<PerPhase<Amps>> = Object.fromEntries(phases('current').map(([p, a]) => [p, amps(a)]))
  const voltage: Partial<PerPhase<Volts>> = Object.fromEntries(
    phases('voltage').map(([p, v]) => [p, volts(v)]),
  )
  return {
    ...(register === undefined ? {} : { registerWh: wattHours(register) }),
    ...(power === undefined ? {} : { powerW: watts(power) }),
    ...(offered === undefined ? {} : { offeredA: amps(offered) }),
    ...(Object.keys(current).length === 0 ? {} : { currentA: current }),
    ...(Object.keys(voltage).length === 0 ? {} : { voltageV: voltage }),
    ...(soc === undefined || soc < 0 || soc > 100 ? {} : { socPct: percent(soc) }),
  }
}

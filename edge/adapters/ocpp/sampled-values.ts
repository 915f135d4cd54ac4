import { type Amps, amps, percent, type Volts, volts, wattHours, watts } from '@busbar/units/electricity.ts'
import { type PerPhase, PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { EvseSample, SignedValue } from '../../domain/inputs.ts'
import type { Payload } from './rpc/frame.ts'
import { stationTime } from './station-time.ts'
import { numberOf, objectsOf, plainWord, textOf, words } from './tolerant.ts'

type Quantity = 'register' | 'power' | 'current' | 'offered' | 'voltage' | 'soc'

interface Measurand {
  readonly quantity: Quantity
  /** Each unit's factor to our own, in lower case; without a unit the value is in ours. */
  readonly units: ReadonlyMap<string, number>
}
const inUnits = (quantity: Quantity, units: Readonly<Record<string, number>>): Measurand => ({
  quantity,
  units: new Map(Object.entries(units)),
})

/** What we read; any other measurand is passed over. */
const measurandOf = words<Measurand>({
  'Energy.Active.Import.Register': inUnits('register', { wh: 1, kwh: 1000 }),
  'Power.Active.Import': inUnits('power', { w: 1, kw: 1000 }),
  'Current.Import': inUnits('current', { a: 1, ma: 0.001 }),
  'Current.Offered': inUnits('offered', { a: 1, ma: 0.001 }),
  Voltage: inUnits('voltage', { v: 1, kv: 1000 }),
  SoC: inUnits('soc', { percent: 1, '%': 1 }),
})
/** L1 and L1-N are one; the neutral and values between two phases are not used. */
const phaseOf = words<Phase | null>({
  L1: 'l1',
  'L1-N': 'l1',
  L2: 'l2',
  'L2-N': 'l2',
  L3: 'l3',
  'L3-N': 'l3',
  N: null,
  'L1-L2': null,
  'L2-L3': null,
  'L3-L1': null,
})

interface Reading {
  readonly value: number
  /** Values at the outlet win over those taken elsewhere in the station, and any over that of the transaction's begin. */
  readonly rank: number
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
    const signed = signedIn(entry)
    const values = { ...valuesOf(readings), ...(signed.length === 0 ? {} : { signed }) }
    const time = stationTime(textOf(entry.timestamp), receivedAt, 'report')
    if (Object.keys(values).length > 0) samples.push({ time, ...values })
  }
  return { samples, unread }
}

/** Signed values go on as they came, for whoever can check them. @see OCPP 2.0.1 SignedMeterValueType */
const signedIn = (entry: Payload): SignedValue[] =>
  objectsOf(entry.sampledValue).flatMap(({ signedMeterValue, context }) =>
    objectsOf(signedMeterValue).map((value) => ({
      context: textOf(context) ?? 'Sample.Periodic',
      text: JSON.stringify(value),
    })),
  )

/** Adds one sampled value. @returns what cannot be understood about it, or null; what we do not use is no problem */
function read(sampled: Payload, readings: Readings): string | null {
  const name = textOf(sampled.measurand) ?? 'Energy.Active.Import.Register'
  // OCPP 2.0.1 has the unit in a type of its own, with a power of ten.
  const [measure] = objectsOf(sampled.unitOfMeasure)
  const measurand = measurandOf(name)
  const location = plainWord(textOf(sampled.location) ?? 'Outlet')
  const phaseName = textOf(sampled.phase)
  const phase = phaseName === null ? 'total' : phaseOf(phaseName)
  if (!measurand || phase === null || location === 'body') return null
  if (phase === undefined) return `${name}: phase ${phaseName}`
  if (plainWord(textOf(sampled.format) ?? 'Raw') !== 'raw') return `${name}: signed data`
  const unit = textOf(measure?.unit) ?? textOf(sampled.unit)
  const exponent = numberOf(measure?.multiplier) ?? 0
  const factor = unit === null ? 1 : measurand.units.get(unit.toLowerCase())
  const number = numberOf(sampled.value)
  if (factor === undefined || number === null) return `${name}: ${textOf(sampled.value)} ${unit ?? ''}`.trim()
  const begin = plainWord(textOf(sampled.context) ?? '') === 'transactionbegin'
  const rank = (begin ? 0 : 2) + (location === 'outlet' ? 1 : 0)
  const key = `${measurand.quantity}/${phase}` as const
  if (rank >= (readings.get(key)?.rank ?? 0))
    readings.set(key, { value: number * factor * 10 ** exponent, rank })
  return null
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

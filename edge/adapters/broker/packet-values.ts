import { isSensorKey, type SensorKey, type SensorPacket } from '@busbar/contracts/sensors/sensor-packet.ts'
import type { Amps, Volts, Watts } from '@busbar/units/electricity.ts'
import { amps, percent, volts, wattHours, watts } from '@busbar/units/electricity.ts'
import { type PerPhase, PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { MeterReading } from '../../domain/inputs.ts'

/** What a packet says of a circuit. */
export type Values = Omit<MeterReading, 'meter' | 'measuredAt' | 'measuredAtMonotonic'>

export interface ReadingRules {
  /** Power below this is noise, and current then counts as import. */
  readonly noLoadW: number
  /** Wired the other way round: turns power and current, swaps the counters. */
  readonly invert: boolean
}

/** Values that limits are computed from: one that is not good discredits the packet. */
const STEERING: readonly string[] = ['power.active.import', 'power.active.export', 'current.import']

/** Names of a packet's values that limits are computed from, e.g. `current.import L1`. */
export const steeringValues = ({ m }: SensorPacket): readonly string[] =>
  m.filter(({ k }) => STEERING.includes(k)).map(({ k, ph }) => `${k} ${ph}`)

/** The first steering value that its source does not call good. */
export function doubtful({ m }: SensorPacket): string | undefined {
  const found = m.find(({ k, q }) => STEERING.includes(k) && q !== 'good')
  return found && `${found.k} ${found.ph} is ${found.q}`
}

/** A packet's good values with the site's signs: import positive, current signed like the power of its phase. */
export function toValues(packet: SensorPacket, rules: ReadingRules): Values {
  const read = reader(packet)
  const sign = rules.invert ? -1 : 1
  const phasePower = byPhase((phase) => net(read, phase, sign))
  const total = net(read, 'all', sign) ?? sumOf(phasePower)
  const current = byPhase((phase) => {
    const value = read('current.import', phase)
    if (value === undefined) return undefined
    const exporting = (phasePower?.[phase] ?? 0) < -rules.noLoadW
    // Adding 0 turns -0 into 0.
    return value < 0 ? value * sign + 0 : exporting ? -value : value
  })
  const voltage = byPhase((phase) => read('voltage', phase))
  const frequency = read('frequency', 'all')
  const soc = read('soc', 'all')
  const counters = [read('energy.active.import', 'all'), read('energy.active.export', 'all')]
  const [imported, exported] = rules.invert ? counters.reverse() : counters
  return {
    ...(total !== undefined && { powerW: watts(total) }),
    ...(phasePower && { phasePowerW: each<Watts>(phasePower, watts) }),
    ...(current && { currentA: each<Amps>(current, amps) }),
    ...(voltage && { voltageV: each<Volts>(voltage, volts) }),
    ...(frequency !== undefined && { frequencyHz: frequency }),
    ...(imported !== undefined && { importWh: wattHours(imported) }),
    ...(exported !== undefined && { exportWh: wattHours(exported) }),
    ...(soc !== undefined && soc >= 0 && soc <= 100 && { socPct: percent(soc) }),
  }
}

type Place = Phase | 'all'
type Read = (key: SensorKey, place: Place) => number | undefined
type Phased = Partial<Record<Phase, number>>

function reader({ m }: SensorPacket): Read {
  const good = new Map<string, number>()
  for (const { k, ph, val, q } of m)
    if (q === 'good' && typeof val === 'number' && isSensorKey(k)) good.set(`${k} ${ph.toLowerCase()}`, val)
  return (key, place) => good.get(`${key} ${place}`)
}

function net(read: Read, place: Place, sign: number): number | undefined {
  const imported = read('power.active.import', place)
  // Export alone does not tell that nothing is imported.
  if (imported === undefined) return undefined
  return (imported - (read('power.active.export', place) ?? 0)) * sign + 0
}

function byPhase(of: (phase: Phase) => number | undefined): Phased | undefined {
  const found: Phased = {}
  for (const phase of PHASES) {
    const value = of(phase)
    if (value !== undefined) found[phase] = value
  }
  return Object.keys(found).length > 0 ? found : undefined
}

function sumOf(power: Phased | undefined): number | undefined {
  const { l1, l2, l3 } = power ?? {}
  return l1 === undefined || l2 === undefined || l3 === undefined ? undefined : l1 + l2 + l3
}

function each<T>({ l1, l2, l3 }: Phased, unit: (n: number) => T): Partial<PerPhase<T>> {
  return {
    ...(l1 !== undefined && { l1: unit(l1) }),
    ...(l2 !== undefined && { l2: unit(l2) }),
    ...(l3 !== undefined && { l3: unit(l3) }),
  }
}

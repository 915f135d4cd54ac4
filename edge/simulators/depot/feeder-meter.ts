import { type PerPhase, perPhase, sumPhases } from '@busbar/units/per-phase.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import type { MeterPicture } from '../meter/meter-picture.ts'
import type { LineEnd } from '../meter/virtual-line.ts'
import { onSite, type StationLoad } from './plant.ts'

/** A meter of some of the stations. */
export interface FeederMeterPlan {
  readonly id: string
  readonly unit: number
  readonly profile: MeterProfile
  readonly stations: readonly string[]
}

/** Meters that share one line. */
export interface FeederLinePlan {
  readonly id: string
  readonly end: LineEnd
  readonly baud?: number
  readonly meters: readonly FeederMeterPlan[]
}

/** What flows past a meter is the sum of what its stations draw, at the voltage of the site. */
export class FeederMeter {
  #importWh: number

  constructor(importWh: number) {
    this.#importWh = importWh
  }

  /** `dtS` seconds pass at this load. */
  step(loads: readonly StationLoad[], voltageV: PerPhase<number>, dtS: number): void {
    this.#importWh += (sumPhases(flow(loads, voltageV).activeW) * dtS) / 3600
  }

  picture(loads: readonly StationLoad[], voltageV: PerPhase<number>, frequencyHz: number): MeterPicture {
    const { activeW, apparentVa } = flow(loads, voltageV)
    const factor = (active: number, apparent: number) => (apparent === 0 ? 1 : Math.min(1, active / apparent))
    return {
      currentA: perPhase((phase) => apparentVa[phase] / voltageV[phase]),
      voltageV,
      powerFactor: factor(sumPhases(activeW), sumPhases(apparentVa)),
      phasePowerFactor: perPhase((phase) => factor(activeW[phase], apparentVa[phase])),
      frequencyHz,
      importWh: Math.floor(this.#importWh),
      exportWh: 0,
    }
  }
}

function flow(loads: readonly StationLoad[], voltageV: PerPhase<number>) {
  const sum = (phase: keyof PerPhase<number>, share: (powerFactor: number) => number) =>
    loads.reduce((all, load) => all + onSite(load)[phase] * voltageV[phase] * share(load.powerFactor), 0)
  const activeW = perPhase((phase) => sum(phase, (powerFactor) => powerFactor))
  const reactiveVar = perPhase((phase) => sum(phase, (powerFactor) => Math.sqrt(1 - powerFactor ** 2)))
  return { activeW, apparentVa: perPhase((phase) => Math.hypot(activeW[phase], reactiveVar[phase])) }
}

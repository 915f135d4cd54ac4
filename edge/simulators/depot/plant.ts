import type { Phase } from '@busbar/units/per-phase.ts'
import { type PerPhase, PHASES, perPhase } from '@busbar/units/per-phase.ts'
import type { MeterPicture } from '../meter/meter-picture.ts'
import type { Conductors } from '../station/connected-vehicle.ts'

/** What one station takes from the site. */
export interface StationLoad {
  /** A on the station's own L1, L2, L3. */
  readonly currentA: Conductors
  readonly powerFactor: number
  /** Site conductors that the station's L1, L2, L3 hang on. */
  readonly rotation: readonly [Phase, Phase, Phase]
}

/** Active power in W and current in A on one conductor. */
interface Flow {
  readonly activeW: number
  readonly reactiveVar: number
}

const NOMINAL_V = 230
const NOMINAL_HZ = 50
/** A grid's frequency never stands still: it strays by this much in some seconds. */
const STRAY_HZ = 0.02
/** Voltage lost in transformer and cable, V per A. */
const SOURCE_OHM = 0.006
const BUILDING_POWER_FACTOR = 0.97

/** A on each conductor of the site that the station loads. */
export const onSite = (load: StationLoad): PerPhase<number> =>
  perPhase((phase) => load.currentA[load.rotation.indexOf(phase)] ?? 0)

/** Site voltages as the station's L1, L2, L3 see them. */
export function atStation(voltageV: PerPhase<number>, rotation: StationLoad['rotation']): Conductors {
  const [a, b, c] = rotation
  return [voltageV[a], voltageV[b], voltageV[c]]
}

/** The wiring of the site: what its meter sees is what building and stations draw, conductor by conductor. */
export class Plant {
  #voltageV: PerPhase<number> = { l1: NOMINAL_V, l2: NOMINAL_V, l3: NOMINAL_V }
  #importWh: number
  #exportWh = 0
  #runningS = 0

  constructor(importWh: number) {
    this.#importWh = importWh
  }

  get voltageV(): PerPhase<number> {
    return this.#voltageV
  }

  /** A at the grid connection, import positive. */
  currentA(loads: readonly StationLoad[], buildingW: PerPhase<number>): PerPhase<number> {
    return perPhase((phase) => {
      const { activeW, reactiveVar } = this.#flow(phase, loads, buildingW)
      const magnitude = Math.hypot(activeW, reactiveVar) / this.#voltageV[phase]
      return activeW < 0 ? -magnitude : magnitude
    })
  }

  /** `dtS` seconds pass at this load: registers turn and the voltage follows the current. */
  step(loads: readonly StationLoad[], buildingW: PerPhase<number>, dtS: number): void {
    this.#runningS += dtS
    const power = PHASES.reduce((sum, phase) => sum + this.#flow(phase, loads, buildingW).activeW, 0)
    const energyWh = (power * dtS) / 3600
    if (energyWh >= 0) this.#importWh += energyWh
    else this.#exportWh -= energyWh
    const current = this.currentA(loads, buildingW)
    this.#voltageV = perPhase((phase) => NOMINAL_V - SOURCE_OHM * current[phase])
  }

  picture(loads: readonly StationLoad[], buildingW: PerPhase<number>): MeterPicture {
    const currentA = this.currentA(loads, buildingW)
    const power = PHASES.reduce((sum, phase) => sum + this.#flow(phase, loads, buildingW).activeW, 0)
    const apparent = PHASES.reduce((sum, phase) => sum + currentA[phase] * this.#voltageV[phase], 0)
    return {
      currentA,
      voltageV: this.#voltageV,
      powerFactor: apparent === 0 ? 1 : Math.min(1, Math.abs(power / apparent)),
      frequencyHz: NOMINAL_HZ + STRAY_HZ * Math.sin(this.#runningS / 7),
      importWh: Math.floor(this.#importWh),
      exportWh: Math.floor(this.#exportWh),
    }
  }

  #flow(phase: Phase, loads: readonly StationLoad[], buildingW: PerPhase<number>): Flow {
    let activeW = buildingW[phase]
    let reactiveVar = Math.abs(activeW) * Math.tan(Math.acos(BUILDING_POWER_FACTOR))
    for (const load of loads) {
      const apparent = onSite(load)[phase] * this.#voltageV[phase]
      activeW += apparent * load.powerFactor
      reactiveVar += apparent * Math.sqrt(1 - load.powerFactor ** 2)
    }
    return { activeW, reactiveVar }
  }
}

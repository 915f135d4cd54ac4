import type { BenchEvse, Network } from './network.ts'
import type { Stay, Workload } from './sessions.ts'

/** A vehicle that is there. */
export interface Present {
  readonly stay: Stay
  readonly evse: BenchEvse
  /** Still wanted, kWh. */
  leftKwh: number
  /** Since which step it has got nothing. */
  unservedSince: number
  /** Set-point of the step before, A. */
  lastA: number
}

/** One step as a method sees it: who is there, and nothing of who will come. */
export interface Moment {
  readonly step: number
  readonly periodMin: number
  readonly present: readonly Present[]
}

/** Set-points of those present, A, in their order. */
export type Method = (moment: Moment) => Float64Array | readonly number[]

export interface MonthResult {
  readonly deliveredKwh: number
  readonly requestedKwh: number
  readonly ready: number
  readonly stays: number
  readonly peakKw: number
  /** Highest use of a limit, of 1. */
  readonly worstUse: number
  /** Steps with a limit exceeded, or a set-point that the EVSE has not. */
  readonly violations: number
  /** Changes of set-points per hour that a vehicle is there. */
  readonly changesPerHour: number
  /** Least and Jain's fairness of delivered by requested. */
  readonly jain: number
}

/** Short by less than this is met, kWh. */
export const MET_KWH = 0.1
/** A phasor may be this much above its limit, of 1: rounding of sums. */
const ROUNDING = 1e-6

/** Runs a workload through a method, step by step, counting against the exact limits. */
export function simulate(network: Network, workload: Workload, method: Method): MonthResult {
  const run = new Run(network, workload)
  for (let step = 0; step < workload.steps; step++) run.step(step, method)
  return run.result()
}

class Run {
  readonly #network: Network
  readonly #workload: Workload
  readonly #done: number[] = []
  #next = 0
  #present: Present[] = []
  #violations = 0
  #worstUse = 0
  #peakKw = 0
  #changes = 0
  #vehicleSteps = 0

  constructor(network: Network, workload: Workload) {
    this.#network = network
    this.#workload = workload
  }

  step(step: number, method: Method): void {
    this.#leaveAndArrive(step)
    if (this.#present.length === 0) return
    const wanting = this.#present.filter(({ leftKwh }) => leftKwh > 1e-9)
    const amps =
      wanting.length === 0 ? [] : method({ step, periodMin: this.#workload.periodMin, present: wanting })
    this.#check(wanting, amps)
    this.#charge(step, wanting, amps)
    this.#vehicleSteps += this.#present.length
  }

  result(): MonthResult {
    for (const present of this.#present) this.#leave(present)
    const { stays, periodMin } = this.#workload
    const requestedKwh = stays.reduce((sum, { requestedKwh: kwh }) => sum + kwh, 0)
    const shares = this.#done
    const sum = shares.reduce((total, share) => total + share, 0)
    const squares = shares.reduce((total, share) => total + share * share, 0)
    return {
      deliveredKwh: this.#delivered,
      requestedKwh,
      ready: this.#ready,
      stays: stays.length,
      peakKw: this.#peakKw,
      worstUse: this.#worstUse,
      violations: this.#violations,
      changesPerHour: this.#changes / Math.max(1, (this.#vehicleSteps * periodMin) / 60),
      jain: squares === 0 ? 1 : (sum * sum) / (shares.length * squares),
    }
  }

  #delivered = 0
  #ready = 0

  #leaveAndArrive(step: number): void {
    const { stays } = this.#workload
    for (const present of this.#present) if (present.stay.departure <= step) this.#leave(present)
    this.#present = this.#present.filter(({ stay }) => stay.departure > step)
    for (
      let stay = stays[this.#next];
      stay !== undefined && stay.arrival <= step;
      stay = stays[++this.#next]
    ) {
      const evse = this.#network.evses[stay.evse]
      if (evse !== undefined)
        this.#present.push({ stay, evse, leftKwh: stay.requestedKwh, unservedSince: step, lastA: 0 })
    }
  }

  #leave({ stay, leftKwh }: Present): void {
    if (leftKwh < MET_KWH) this.#ready++
    this.#done.push(stay.requestedKwh === 0 ? 1 : 1 - leftKwh / stay.requestedKwh)
  }

  #check(present: readonly Present[], amps: ArrayLike<number>): void {
    let broken = present.some(({ evse }, at) => !settable(evse, amps[at] ?? 0))
    for (const { limitA, re, im } of this.#network.limits) {
      let [real, imaginary] = [0, 0]
      present.forEach(({ stay }, at) => {
        real += (re[stay.evse] ?? 0) * (amps[at] ?? 0)
        imaginary += (im[stay.evse] ?? 0) * (amps[at] ?? 0)
      })
      const use = Math.hypot(real, imaginary) / limitA
      this.#worstUse = Math.max(this.#worstUse, use)
      if (use > 1 + ROUNDING) broken = true
    }
    if (broken) this.#violations++
  }

  #charge(step: number, present: readonly Present[], amps: ArrayLike<number>): void {
    const hours = this.#workload.periodMin / 60
    let kw = 0
    present.forEach((one, at) => {
      const setA = amps[at] ?? 0
      const power = Math.min((setA * one.evse.voltageV) / 1000, one.stay.maxKw)
      const kwh = Math.min(one.leftKwh, power * hours)
      kw += kwh / hours
      one.leftKwh -= kwh
      this.#delivered += kwh
      if (setA > 0) one.unservedSince = step + 1
      if (setA !== one.lastA) this.#changes++
      one.lastA = setA
    })
    this.#peakKw = Math.max(this.#peakKw, kw)
  }
}

/** Whether the EVSE has this set-point. */
const settable = ({ steps, minA, maxA }: BenchEvse, amps: number): boolean =>
  amps === 0 ||
  (steps.length > 0
    ? steps.some((step) => Math.abs(step - amps) < 1e-9)
    : amps >= minA - 1e-9 && amps <= maxA + 1e-9)

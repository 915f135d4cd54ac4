import type { BenchEvse, Network } from './network.ts'
import type { Method, Moment, Present } from './simulate.ts'

/** The phasor sums of what has been given so far. */
export class Loading {
  readonly #network: Network
  readonly #re: Float64Array
  readonly #im: Float64Array

  constructor(network: Network) {
    this.#network = network
    this.#re = new Float64Array(network.limits.length)
    this.#im = new Float64Array(network.limits.length)
  }

  /** Whether every limit holds with `amps` more at the EVSE. */
  fits(evse: number, amps: number): boolean {
    return this.#network.limits.every(({ re, im, limitA }, at) => {
      const real = (this.#re[at] ?? 0) + (re[evse] ?? 0) * amps
      const imaginary = (this.#im[at] ?? 0) + (im[evse] ?? 0) * amps
      return Math.hypot(real, imaginary) <= limitA * (1 + 1e-9)
    })
  }

  add(evse: number, amps: number): void {
    this.#network.limits.forEach(({ re, im }, at) => {
      this.#re[at] = (this.#re[at] ?? 0) + (re[evse] ?? 0) * amps
      this.#im[at] = (this.#im[at] ?? 0) + (im[evse] ?? 0) * amps
    })
  }
}

/** The most that may be offered to this vehicle in one step, A: the set-point at or above what it takes at best. */
export function usableA({ evse, stay, leftKwh }: Present, periodMin: number): number {
  const takes = Math.min(evse.maxA, (stay.maxKw * 1000) / evse.voltageV)
  const offered = evse.steps.find((step) => step >= takes - 1e-9) ?? takes
  return Math.min(offered, (leftKwh * 1000 * 60) / periodMin / evse.voltageV)
}

/** The set-points from 0 to `upTo`. */
const setPoints = (evse: BenchEvse, upTo: number): readonly number[] =>
  evse.steps.filter((step) => step <= upTo + 1e-9)

/** Gives each in turn the most that fits, for what a common site controller does. */
const greedy =
  (network: Network, order: (moment: Moment) => (one: Present) => number): Method =>
  (moment) => {
    const loading = new Loading(network)
    const key = order(moment)
    const amps = new Float64Array(moment.present.length)
    const turn = moment.present.map((one, at) => ({ one, at, key: key(one) }))
    for (const { one, at } of turn.sort((a, b) => a.key - b.key || a.at - b.at)) {
      amps[at] = mostFitting(one, { loading, upTo: usableA(one, moment.periodMin) })
      loading.add(one.stay.evse, amps[at] ?? 0)
    }
    return amps
  }

function mostFitting({ evse, stay }: Present, { loading, upTo }: { loading: Loading; upTo: number }): number {
  if (evse.steps.length > 0)
    return setPoints(evse, upTo).findLast((step) => loading.fits(stay.evse, step)) ?? 0
  if (loading.fits(stay.evse, upTo)) return upTo
  let [low, high] = [0, upTo]
  for (let n = 0; n < 30; n++) {
    const middle = (low + high) / 2
    if (loading.fits(stay.evse, middle)) low = middle
    else high = middle
  }
  return low >= evse.minA ? low : 0
}

/** Time left less time needed at the best rate, in steps. */
export function laxity({ evse, stay, leftKwh }: Present, { step, periodMin }: Moment): number {
  const bestKw = Math.min(stay.maxKw, (evse.maxA * evse.voltageV) / 1000)
  return stay.departure - step - (leftKwh / bestKw) * (60 / periodMin)
}

export const firstCome = (network: Network): Method =>
  greedy(
    network,
    () =>
      ({ stay }) =>
        stay.arrival,
  )
export const earliestDeadline = (network: Network): Method =>
  greedy(
    network,
    () =>
      ({ stay }) =>
        stay.departure,
  )
export const leastLaxity = (network: Network): Method =>
  greedy(network, (moment) => (one) => laxity(one, moment))

/** One step of current after the other, round and round, until none fits. */
export const roundRobin =
  (network: Network): Method =>
  ({ present, periodMin }) => {
    const loading = new Loading(network)
    const amps = new Float64Array(present.length)
    const open = new Set(present.keys())
    while (open.size > 0)
      for (const at of open) {
        const one = present[at]
        const from = amps[at] ?? 0
        const to = one === undefined ? undefined : nextUp(one.evse, from, usableA(one, periodMin))
        if (one === undefined || to === undefined || !loading.fits(one.stay.evse, to - from)) open.delete(at)
        else {
          loading.add(one.stay.evse, to - from)
          amps[at] = to
        }
      }
    return amps
  }

function nextUp(evse: BenchEvse, from: number, upTo: number): number | undefined {
  if (evse.steps.length > 0) return setPoints(evse, upTo).find((step) => step > from + 1e-9)
  const to = Math.min(upTo, Math.max(evse.minA, from + 1))
  return to > from + 1e-9 ? to : undefined
}

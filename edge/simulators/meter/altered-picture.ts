import { type PerPhase, type Phase, perPhase } from '@busbar/units/per-phase.ts'
import type { MeterPicture } from './meter-picture.ts'
import type { Strike } from './strike.ts'

const THIRD_OF_A_TURN = (2 * Math.PI) / 3

interface Picture extends MeterPicture {
  readonly phasePowerFactor: PerPhase<number>
}

/** The picture as a meter sees it whose wiring is wrong. */
export function alteredPicture(picture: MeterPicture, strike: Strike): MeterPicture {
  const wired = strike.has('phaseSwap') || strike.has('phaseLoss') || strike.has('ctReversed')
  if (!wired) return picture
  let seen: Picture = {
    ...picture,
    phasePowerFactor: picture.phasePowerFactor ?? perPhase(() => picture.powerFactor),
  }
  for (const { fault } of strike.all('phaseSwap'))
    seen = fault.of === 'all' ? allSwapped(seen, fault.phases) : currentsSwapped(seen, fault.phases)
  for (const { fault } of strike.all('phaseLoss'))
    seen = {
      ...seen,
      voltageV: { ...seen.voltageV, [fault.phase]: 0 },
      currentA: fault.of === 'all' ? { ...seen.currentA, [fault.phase]: 0 } : seen.currentA,
    }
  for (const { fault } of strike.all('ctReversed'))
    seen = {
      ...seen,
      currentA: perPhase((phase) =>
        fault.phase === undefined || fault.phase === phase ? -seen.currentA[phase] : seen.currentA[phase],
      ),
    }
  return seen
}

type Pair = readonly [Phase, Phase]

const other = ([a, b]: Pair, phase: Phase): Phase => (phase === a ? b : phase === b ? a : phase)

const swapped = (values: PerPhase<number>, pair: Pair): PerPhase<number> =>
  perPhase((phase) => values[other(pair, phase)])

const allSwapped = (picture: Picture, pair: Pair): Picture => ({
  ...picture,
  currentA: swapped(picture.currentA, pair),
  voltageV: swapped(picture.voltageV, pair),
  phasePowerFactor: swapped(picture.phasePowerFactor, pair),
})

/** Each of two currents is seen against the other's voltage, a third of a turn ahead or behind. */
function currentsSwapped(picture: Picture, pair: Pair): Picture {
  const currentA = swapped(picture.currentA, pair)
  const cosine = perPhase((phase) => {
    const from = other(pair, phase)
    const lag = Math.acos(picture.phasePowerFactor[from])
    const ahead = ORDER[from] - ORDER[phase]
    return Math.cos(lag + ahead * THIRD_OF_A_TURN)
  })
  return {
    ...picture,
    currentA: perPhase((phase) => (cosine[phase] < 0 ? -currentA[phase] : currentA[phase])),
    phasePowerFactor: perPhase((phase) => Math.abs(cosine[phase])),
  }
}

const ORDER: Readonly<Record<Phase, number>> = { l1: 0, l2: 1, l3: 2 }

import { type Amps, amps } from '@busbar/units/electricity.ts'
import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'
import type { EvseSample } from '../inputs.ts'

/** Wh. No meter at an outlet has counted 10 GWh. */
const LARGEST_REGISTER = 1e10
/** Wh. No vehicle takes 2 MWh in one go. */
export const LARGEST_ENERGY = 2e6
/** W and A, far above any outlet; what is merely above a rating is counted, since it may be true. */
const LARGEST_POWER = 1e7
const LARGEST_CURRENT = 1e4
const LARGEST_VOLTAGE = 5e3

const within = (value: number, largest: number): boolean =>
  Number.isFinite(value) && value >= 0 && value <= largest

/** Whether a register, Wh, may be one. */
export const isRegister = (registerWh: number): boolean => within(registerWh, LARGEST_REGISTER)

/** A sample without the values that cannot be, and what those were. They count as not told, never as 0. */
export interface Weighed {
  readonly sample: EvseSample
  readonly odd: readonly string[]
}

export function weighed(told: EvseSample): Weighed {
  const { registerWh, powerW, offeredA, currentA, voltageV, ...rest } = told
  const odd: string[] = []
  const checked = <T extends number>(
    value: T | undefined,
    of: { largest: number; name: string },
  ): T | undefined => {
    if (value === undefined || within(value, of.largest)) return value
    odd.push(`${of.name} ${value}`)
    return undefined
  }
  const phases = <T extends number>(
    values: Partial<PerPhase<T>> | undefined,
    of: { largest: number; name: string },
  ): Partial<PerPhase<T>> =>
    Object.fromEntries(
      PHASES.flatMap((phase) => {
        const value = checked(values?.[phase], { ...of, name: `${of.name} of ${phase}` })
        return value === undefined ? [] : [[phase, value]]
      }),
    )
  const register = checked(registerWh, { largest: LARGEST_REGISTER, name: 'register' })
  const power = checked(powerW, { largest: LARGEST_POWER, name: 'power' })
  const offered = checked(offeredA, { largest: LARGEST_CURRENT, name: 'current offered' })
  const current = phases<Amps>(currentA, { largest: LARGEST_CURRENT, name: 'current' })
  const voltage = phases(voltageV, { largest: LARGEST_VOLTAGE, name: 'voltage' })
  const sample: EvseSample = {
    ...rest,
    ...(register === undefined ? {} : { registerWh: register }),
    ...(power === undefined ? {} : { powerW: power }),
    ...(offered === undefined ? {} : { offeredA: amps(offered) }),
    ...(Object.keys(current).length === 0 ? {} : { currentA: current }),
    ...(Object.keys(voltage).length === 0 ? {} : { voltageV: voltage }),
  }
  return { sample, odd }
}

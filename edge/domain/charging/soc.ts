import { type Percent, percent, type WattHours } from '@busbar/units/electricity.ts'

/** A vehicle's state of charge as we go by it. */
export interface SocEstimate {
  readonly pct: Percent
  /** Register when it was last told or worked out, Wh. */
  readonly atWh: WattHours | null
  /** Worked out from energy since a value that could stand, for what the station says cannot be, or it says nothing. */
  readonly estimated: boolean
  /** Values in a row that could not stand, the last of them; several that agree with each other are believed. */
  readonly doubted: { readonly pct: Percent; readonly count: number } | null
}

/** One word of the station on it; null where it is silent. */
export interface SocWord {
  readonly toldPct: Percent | null
  readonly registerWh: WattHours | null
  /** Null when the vehicle is not known. */
  readonly batteryWh: WattHours | null
}

/** Points by which a told value may be off what the energy makes of the last one. */
const BAND = 5
/** So many values in a row that agree with each other are the truth after all. */
const BELIEVED = 3

/**
 * The state of charge after a sample. A value that the delivered energy can explain stands; one that jumps is left out
 * and the estimate goes on from the energy, until the station has said much the same three times.
 * @see reliability F29
 */
export function nextSoc(before: SocEstimate | null, word: SocWord): SocEstimate | null {
  const { toldPct, registerWh } = word
  if (before === null)
    return toldPct === null ? null : { pct: toldPct, atWh: registerWh, estimated: false, doubted: null }
  const worked = workedOut(before, word)
  if (toldPct === null)
    return {
      ...before,
      pct: worked,
      atWh: registerWh ?? before.atWh,
      estimated: worked !== before.pct || before.estimated,
    }
  if (Math.abs(toldPct - worked) <= BAND)
    return { pct: toldPct, atWh: registerWh, estimated: false, doubted: null }
  const agrees = before.doubted !== null && Math.abs(toldPct - before.doubted.pct) <= BAND
  const doubted = { pct: toldPct, count: agrees && before.doubted !== null ? before.doubted.count + 1 : 1 }
  if (doubted.count >= BELIEVED) return { pct: toldPct, atWh: registerWh, estimated: false, doubted: null }
  return { pct: worked, atWh: registerWh ?? before.atWh, estimated: true, doubted }
}

function workedOut(before: SocEstimate, { registerWh, batteryWh }: SocWord): Percent {
  if (registerWh === null || before.atWh === null || batteryWh === null || batteryWh <= 0) return before.pct
  const gained = (100 * Math.max(0, registerWh - before.atWh)) / batteryWh
  return percent(Math.min(100, before.pct + gained))
}

import type { EvseView } from '@busbar/contracts/lan-api/site-view.ts'
import { stateWord } from '@busbar/ui-kit/components/state-mark.tsx'
import { kilowatts } from '@busbar/ui-kit/format.ts'
import { useNow } from '@busbar/ui-kit/live/now.ts'

/** Stations report every few seconds to a minute; two silent minutes make a value old, in ms. */
const FRESH = 120_000

/** The key under which an EVSE is opened. */
export const evseKeyOf = ({ station, evse }: EvseView): string => `${station}/${evse}`

/** Whether the EVSE's own values can no longer be taken as those of now. */
export function useOld({ online, values_at }: EvseView): boolean {
  const now = useNow()
  return values_at !== null && (!online || now - Date.parse(values_at) > FRESH)
}

/** `9.4 of 9.6 kW`: actual, then offered where it is known. */
export function Power({ evse }: { evse: EvseView }) {
  if (evse.actual_w === null) return <strong className="dash">–</strong>
  return (
    <>
      <strong>{kilowatts(evse.actual_w)}</strong>
      <span>{evse.offered_w === null ? 'kW' : `of ${kilowatts(evse.offered_w)} kW`}</span>
    </>
  )
}

/** Whether the reason says more than the state beside it. */
export const saysMore = ({ reason, state }: EvseView): boolean => reason !== '' && reason !== stateWord(state)

const place = (value: number): string => `${Math.min(100, Math.max(0, value))}%`

/** What the charge bar shows: the state of charge or, where a station does not tell it, the energy delivered of that needed. */
export function chargeOf(evse: EvseView): { now: number | null; needed: number | null } | null {
  const { soc_pct, soc_needed_pct, energy_wh, energy_needed_wh } = evse
  if (soc_pct === null && energy_needed_wh !== null && energy_needed_wh > 0)
    return { now: energy_wh === null ? null : (energy_wh / energy_needed_wh) * 100, needed: null }
  return soc_pct === null && soc_needed_pct === null ? null : { now: soc_pct, needed: soc_needed_pct }
}

/** The charge bar of an EVSE; nothing when nothing is known of need or charge. */
export function ChargeBar({ evse }: { evse: EvseView }) {
  const charge = chargeOf(evse)
  return charge === null ? null : <SocBar soc={charge.now} needed={charge.needed} />
}

/** State of charge with the tick of what is needed; a dashed outline when it is not known. The numbers stand beside it. */
const SocBar = ({ soc, needed }: { soc: number | null; needed: number | null }) => (
  <div className={soc === null ? 'soc soc-unknown' : 'soc'} aria-hidden="true">
    {soc === null ? null : <i style={{ width: place(soc) }} />}
    {needed === null ? null : <u style={{ left: place(needed) }} />}
  </div>
)

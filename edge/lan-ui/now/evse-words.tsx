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

/** State of charge with the tick of what is needed; a dashed outline when it is not known. The numbers stand beside it. */
export const SocBar = ({ soc, needed }: { soc: number | null; needed: number | null }) => (
  <div className={soc === null ? 'soc soc-unknown' : 'soc'} aria-hidden="true">
    {soc === null ? null : <i style={{ width: place(soc) }} />}
    {needed === null ? null : <u style={{ left: place(needed) }} />}
  </div>
)

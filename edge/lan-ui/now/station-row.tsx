import { At } from '@busbar/ui-kit/components/age.tsx'
import { StateMark } from '@busbar/ui-kit/components/state-mark.tsx'
import { ChargeBar, evseKeyOf, Power, saysMore, useOld } from './evse-words.tsx'
import { ChargeLine, ChargesFirst, type StationProps } from './station-card.tsx'

/** The content of a card in two lines, for feeders with many stations. */
export function StationRow({ evse, times, onOpen }: StationProps) {
  const old = useOld(evse)
  return (
    <li className={`row is-${evse.state}`}>
      <div className="row-top">
        <h3>
          <button type="button" aria-haspopup="dialog" onClick={() => onOpen(evseKeyOf(evse))}>
            {evse.label}
          </button>
        </h3>
        <StateMark state={evse.state} />
        <span className="vehicle" title={evse.vehicle ?? undefined}>
          {evse.vehicle ?? ''}
        </span>
        <p className={old ? 'power-line stale' : 'power-line'}>
          <Power evse={evse} />
        </p>
      </div>
      <ChargeBar evse={evse} />
      <div className={old ? 'row-charge stale' : 'row-charge'}>
        <ChargeLine evse={evse} times={times} />
        {old ? (
          <p className="as-of">
            as of <At at={evse.values_at} times={times} form="near" />
          </p>
        ) : null}
      </div>
      <ChargesFirst evse={evse} times={times} />
      {saysMore(evse) ? <p className="reason">{evse.reason}</p> : null}
    </li>
  )
}

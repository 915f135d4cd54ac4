import type { EvseView } from '@busbar/contracts/lan-api/site-view.ts'
import { At } from '@busbar/ui-kit/components/age.tsx'
import { StateMark } from '@busbar/ui-kit/components/state-mark.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { kilowattHours, percent } from '@busbar/ui-kit/format.ts'
import { ChargeBar, evseKeyOf, Power, saysMore, useOld } from './evse-words.tsx'

export interface StationProps {
  readonly evse: EvseView
  readonly times: DepotTime
  readonly onOpen: (key: string) => void
}

/** Charge, energy and departure, as far as they are known. */
export function ChargeLine({ evse, times }: { evse: EvseView; times: DepotTime }) {
  const { soc_pct, soc_needed_pct, energy_wh, energy_needed_wh, departure_at } = evse
  if (soc_pct === null && energy_wh === null && departure_at === null) return null
  return (
    <p className="charge-line">
      {soc_pct === null && soc_needed_pct === null ? null : (
        <span>
          <b>
            {evse.soc_estimated ? '≈ ' : ''}
            {percent(soc_pct)}
          </b>
          {soc_needed_pct === null ? '' : ` of ${percent(soc_needed_pct)}`}
        </span>
      )}
      {energy_wh === null ? null : (
        <span className="charge-energy">
          <b>{kilowattHours(energy_wh)}</b>
          {energy_needed_wh === null ? ' kWh' : ` of ${kilowattHours(energy_needed_wh)} kWh`}
        </span>
      )}
      {departure_at === null ? null : (
        <span>
          leaves{' '}
          <b>
            <At at={departure_at} times={times} />
          </b>
        </span>
      )}
    </p>
  )
}

/** The badge of an EVSE that a person lets go first; a pause is its reason anyway. */
export function ChargesFirst({ evse, times }: Pick<StationProps, 'evse' | 'times'>) {
  if (evse.override?.how !== 'charge') return null
  return (
    <p className="by-hand">
      Charges first until <At at={evse.override.until} times={times} form="near" />, by {evse.override.by}
    </p>
  )
}

/** One EVSE: state, power, vehicle, charge and the one sentence that says why. */
export function StationCard({ evse, times, onOpen }: StationProps) {
  const old = useOld(evse)
  return (
    <li className={`panel card is-${evse.state}`}>
      <div className="card-top">
        <h3>
          <button type="button" aria-haspopup="dialog" onClick={() => onOpen(evseKeyOf(evse))}>
            {evse.label}
          </button>
        </h3>
        <StateMark state={evse.state} />
      </div>
      <div className={old ? 'card-values stale' : 'card-values'}>
        <p className="power-line">
          <Power evse={evse} />
          <span className="vehicle" title={evse.vehicle ?? undefined}>
            {evse.vehicle ?? (evse.transaction === null ? 'no vehicle' : 'vehicle unknown')}
          </span>
        </p>
        <ChargeBar evse={evse} />
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

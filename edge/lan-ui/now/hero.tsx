import type { DemandView, PowerView, SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { At } from '@busbar/ui-kit/components/age.tsx'
import { PowerBar } from '@busbar/ui-kit/components/power-bar.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { amperes, count, kilowattLimit, kilowatts } from '@busbar/ui-kit/format.ts'
import { countedAmps, describePower, isMeasured, sitePieces } from './site-pieces.ts'
import { TrendPanel } from './trend-panel.tsx'

const LIMIT_AT = 0.88

/** Where the limit mark stands, so that its word can stand above it. */
function limitPlace(power: PowerView): string {
  const total = sitePieces(power).reduce((sum, { value }) => sum + Math.max(0, value), 0)
  return `${(power.limit_w / Math.max(power.limit_w / LIMIT_AT, total, 1e-6)) * 100}%`
}

function Headroom({ view }: { view: SiteView }) {
  const { headroom_w, held_w } = view.power
  const over = headroom_w !== null && headroom_w < 0
  const held = view.stations.offline_reserved
  return (
    <div className={isMeasured(view.power) ? 'headroom' : 'headroom stale'}>
      <p className={over ? 'over' : undefined}>
        <b>{kilowatts(over ? -headroom_w : headroom_w)} kW</b> {over ? 'over the limit' : 'headroom'}
      </p>
      <p className="small">
        {held_w > 0
          ? `${kilowatts(held_w)} kW held${held > 0 ? ` for ${count(held, 'station')} out of sight` : ''}`
          : 'Nothing held'}
      </p>
    </div>
  )
}

/** The running demand window: its mean so far, and where it will end if the load stays. */
function Window({ demand, times }: { demand: DemandView; times: DepotTime }) {
  const { window_start, window_end, so_far_w, forecast_w, flagged } = demand
  const length = Math.round((Date.parse(window_end) - Date.parse(window_start)) / 60_000)
  return (
    <li title="Mean power of the running window so far, and at its end if the load stays">
      {length}-min window{' '}
      <b>
        {kilowattLimit(so_far_w)} → {kilowattLimit(forecast_w)} kW
      </b>{' '}
      at <At at={window_end} times={times} />
      {flagged ? ', partly estimated' : null}
    </li>
  )
}

function Legend({ view, times }: { view: SiteView; times: DepotTime }) {
  const { power, demand, tariff } = view
  const main = view.circuits.find(({ kind }) => kind === 'grid')
  return (
    <ul className="legend">
      <li>
        <i className="part-building" /> Building <b>{kilowatts(power.building_w)}</b>
      </li>
      <li>
        <i className="part-vehicles" /> Vehicles <b>{kilowatts(power.vehicles_w)}</b>
      </li>
      <li>
        <i className="part-held held-swatch" /> Held <b>{kilowatts(power.held_w)}</b>
      </li>
      {main ? (
        <li className="phases" title="Counted at the grid connection, with what is held">
          {main.conductors.map((conductor) => (
            <span key={conductor.phase}>
              {conductor.phase.toUpperCase()} <b>{amperes(countedAmps(conductor))}</b>
            </span>
          ))}
          of {amperes(main.conductors[0]?.limit_a ?? null)} A
        </li>
      ) : null}
      {demand ? <Window demand={demand} times={times} /> : null}
      {tariff ? (
        <li className="tariff">
          {tariff.name} <b>{price(tariff.price_per_kwh, tariff.currency)}</b> a kWh until{' '}
          <At at={tariff.until} times={times} />
        </li>
      ) : null}
    </ul>
  )
}

const price = (value: number, currency: string): string =>
  new Intl.NumberFormat('en-GB', { style: 'currency', currency, maximumFractionDigits: 3 }).format(value)

function Reading({ power, times }: { power: PowerView; times: DepotTime }) {
  const live = isMeasured(power)
  return (
    <p className={live ? 'reading' : 'reading stale'}>
      <strong>{kilowatts(power.import_w)}</strong>
      <span>kW of {kilowattLimit(power.limit_w)} kW</span>
      {live ? null : (
        <span className="since">
          {power.measured_at === null ? (
            'not measured'
          ) : (
            <>
              as of <At at={power.measured_at} times={times} form="seconds" />
            </>
          )}
        </span>
      )}
    </p>
  )
}

interface HeroProps {
  readonly view: SiteView
  readonly times: DepotTime
  readonly lost: boolean
}

/** Power of the site against its limit, what is left, and what sets the pace. */
export function Hero({ view, times, lost }: HeroProps) {
  const { power, binding } = view
  const reason = view.meters.find(({ role, reason }) => role === 'grid' && reason !== null)?.reason
  return (
    <section className="panel hero" aria-labelledby="site-power">
      <div className="hero-power">
        <h2 className="hidden-text" id="site-power">
          Site power
        </h2>
        <div className="hero-numbers">
          <Reading power={power} times={times} />
          <Headroom view={view} />
        </div>
        <div className={isMeasured(power) ? 'site-bar-place' : 'site-bar-place stale'}>
          <span className="limit-word" style={{ left: limitPlace(power) }}>
            limit {kilowattLimit(power.limit_w)}
          </span>
          <PowerBar
            className="site-bar"
            pieces={sitePieces(power)}
            limit={power.limit_w}
            label={describePower(power)}
            limitAt={LIMIT_AT}
          />
        </div>
        <Legend view={view} times={times} />
      </div>
      <TrendPanel view={view} times={times} lost={lost} />
      <p className="why">
        {binding ? (
          <>
            <b>{binding.headline}:</b> {binding.sentence}
          </>
        ) : (
          'No circuit holds a vehicle back.'
        )}
        {!isMeasured(power) && reason ? ` ${reason}` : null}
      </p>
    </section>
  )
}

import type { DepotView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import type { StateSnapshot } from '@busbar/contracts/sync/state-snapshot.ts'
import { Age, At } from '@busbar/ui-kit/components/age.tsx'
import { PowerBar } from '@busbar/ui-kit/components/power-bar.tsx'
import { Severity } from '@busbar/ui-kit/components/severity.tsx'
import { Fact, Facts, Sheet } from '@busbar/ui-kit/components/sheet.tsx'
import { StateMark } from '@busbar/ui-kit/components/state-mark.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { age, count, kilowattHours, kilowattLimit, kilowatts, percent } from '@busbar/ui-kit/format.ts'
import { depotPieces, describeSite, LinkWords, timesOf } from './depot-words.tsx'

const METER = { live: 'live', hold: 'held at its last value', reserve: 'silent', static: 'none' }

function PowerFacts({ site }: Pick<StateSnapshot, 'site'>) {
  return (
    <section>
      <h3 className="small-heading">Power</h3>
      <PowerBar
        className="mini-bar wide"
        pieces={depotPieces(site)}
        limit={site.limit_w}
        label={describeSite(site)}
      />
      <Facts>
        <Fact name="Site" small={site.binding}>
          {kilowatts(site.import_w)} of {kilowattLimit(site.limit_w)} kW
        </Fact>
        <Fact name="Building">{kilowatts(site.building_w)} kW</Fact>
        <Fact name="Vehicles">{kilowatts(site.vehicles_w)} kW</Fact>
        <Fact name="Held">{kilowatts(site.held_w)} kW</Fact>
        <Fact name="Headroom">{kilowatts(site.headroom_w)} kW</Fact>
        <Fact
          name="Site meter"
          small={site.meter_age_ms === null ? null : `${age(site.meter_age_ms)} old then`}
        >
          {METER[site.meter_quality]}
        </Fact>
      </Facts>
    </section>
  )
}

/** Open problems, worst first, as far as the picture holds them. */
export function ProblemList({ snapshot, times }: { snapshot: StateSnapshot; times: DepotTime }) {
  const sorted = [...snapshot.incidents].sort((a, b) => a.severity - b.severity)
  const more = snapshot.incidents_total - sorted.length
  return (
    <section>
      <h3 className="small-heading">Open problems</h3>
      {snapshot.incidents_total === 0 ? <p className="empty">None</p> : null}
      <ol className="problem-list">
        {sorted.map((incident) => (
          <li key={incident.id}>
            <Severity level={incident.severity} />
            <span>{incident.text}</span>
            <At at={incident.opened_at} times={times} form="near" />
          </li>
        ))}
      </ol>
      {more > 0 ? <p className="empty">and {more} more at the depot</p> : null}
    </section>
  )
}

function EvseList({ evses }: Pick<StateSnapshot, 'evses'>) {
  return (
    <section>
      <h3 className="small-heading">Stations</h3>
      {evses.length === 0 ? <p className="empty">None reported</p> : null}
      <ul className="evse-list">
        {evses.map(([station, evse, state, power_w, soc_pct, vehicle]) => (
          <li key={`${station}/${evse}`}>
            <b>{evse === 1 ? station : `${station}/${evse}`}</b>
            <StateMark state={state} />
            <span className="evse-vehicle">{vehicle ?? ''}</span>
            <span>{soc_pct === null ? '' : percent(soc_pct)}</span>
            <span>{kilowatts(power_w)} kW</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function RecordFacts({ depot, times }: { depot: DepotView; times: DepotTime }) {
  const { facts, transactions } = depot
  return (
    <section>
      <h3 className="small-heading">Records</h3>
      <Facts>
        <Fact name="Energy since noon" small={facts.missing === 0 ? null : 'not all records are here'}>
          {kilowattHours(depot.energy_wh)} kWh
        </Fact>
        <Fact name="Transactions" small="since noon">
          {transactions.running} running, {transactions.since_noon} in all
        </Fact>
        <Fact name="Still to come">
          {facts.missing === null ? 'unknown' : count(facts.missing, 'record')}
        </Fact>
        <Fact
          name="Last record here"
          small={facts.quarantined > 0 ? `${count(facts.quarantined, 'record')} set aside` : null}
        >
          <At at={facts.last_committed_at} times={times} form="near" />
        </Fact>
      </Facts>
    </section>
  )
}

interface DepotSheetProps {
  readonly depot: DepotView
  readonly stale: boolean
  readonly onClose: () => void
}

/** One depot as last known: link, power, problems, stations, records. */
export function DepotSheet({ depot, stale, onClose }: DepotSheetProps) {
  const { snapshot } = depot
  const times = timesOf(depot)
  return (
    <Sheet
      title={depot.name}
      beside={<LinkWords depot={depot} />}
      stale={stale || depot.link.state !== 'live'}
      onClose={onClose}
    >
      <p className="empty">
        {depot.virtual ? 'Simulated depot. ' : ''}
        {snapshot ? (
          <>
            As of <At at={depot.as_of} times={times} form="seconds" />, <Age at={depot.as_of} /> ago.
          </>
        ) : (
          'This depot has not been heard yet.'
        )}
      </p>
      {snapshot ? (
        <>
          <ProblemList snapshot={snapshot} times={times} />
          <PowerFacts site={snapshot.site} />
          <RecordFacts depot={depot} times={times} />
          <EvseList evses={snapshot.evses} />
        </>
      ) : null}
    </Sheet>
  )
}

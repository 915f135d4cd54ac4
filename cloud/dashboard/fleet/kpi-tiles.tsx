import type { FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { Age, At } from '@busbar/ui-kit/components/age.tsx'
import { SeverityCounts } from '@busbar/ui-kit/components/severity.tsx'
import { depotTime } from '@busbar/ui-kit/depot-time.ts'
import { count, kilowattLimit, scaled } from '@busbar/ui-kit/format.ts'
import type { ReactNode } from 'react'
import { type FleetFigures, fleetFigures } from './fleet-figures.ts'

interface TileProps {
  readonly name: string
  readonly value: ReactNode
  readonly unit: ReactNode
  readonly children: ReactNode
}

const Tile = ({ name, value, unit, children }: TileProps) => (
  <section className="panel tile" aria-label={name}>
    <h3 className="small-heading">{name}</h3>
    <p className="tile-value">
      <strong>{value}</strong> <span>{unit}</span>
    </p>
    <p className="tile-note">{children}</p>
  </section>
)

function PowerTile({ power, depots }: { power: FleetFigures['power']; depots: number }) {
  const { value, unit } = scaled(power.import_w, 'W')
  const limit = scaled(power.limit_w, 'W')
  const whole = limit.unit === 'kW' ? kilowattLimit(power.limit_w) : limit.value
  return (
    <Tile
      name="Power now"
      value={value}
      unit={`${unit} of ${whole}${limit.unit === unit ? '' : ` ${limit.unit}`}`}
    >
      <b>
        {power.counted} of {depots}
      </b>{' '}
      {depots === 1 ? 'depot' : 'depots'}
      {power.oldest ? (
        <>
          , oldest <Age at={power.oldest} />
        </>
      ) : null}
    </Tile>
  )
}

function DeparturesTile({ departures }: { departures: FleetFigures['departures'] }) {
  const { ready, total, risk, noData, next } = departures
  return (
    <Tile name="Departures ready" value={ready} unit={`of ${total}`}>
      {risk > 0 ? <b className="risk">{risk} at risk</b> : <b>none at risk</b>}
      {noData > 0 ? `, ${noData} without data` : ''}
      {next ? (
        <>
          ,{' '}
          <span className="unbroken">
            next {next.vehicle} <At at={next.at} times={depotTime(next.zone)} />
          </span>
        </>
      ) : null}
    </Tile>
  )
}

function EnergyTile({ energy }: { energy: FleetFigures['energy'] }) {
  const { value, unit } = scaled(energy.wh, 'Wh')
  const complete = energy.missing === 0 && energy.unknown === 0
  return (
    <Tile name="Energy since noon" value={value} unit={unit}>
      <b>{energy.running}</b> running,{' '}
      {complete
        ? 'every record here'
        : [
            energy.missing > 0 ? `${count(energy.missing, 'record')} to come` : '',
            energy.unknown > 0 ? `${count(energy.unknown, 'depot')} not known` : '',
          ]
            .filter(Boolean)
            .join(', ')}
    </Tile>
  )
}

function ProblemsTile({ problems }: { problems: FleetFigures['problems'] }) {
  return (
    <Tile name="Open problems" value={problems.total} unit={<SeverityCounts counts={problems.bySeverity} />}>
      {problems.oldest ? (
        <>
          oldest{' '}
          <b>
            <Age at={problems.oldest} />
          </b>
        </>
      ) : (
        'none open'
      )}
      {problems.notCurrent > 0 ? `, ${count(problems.notCurrent, 'depot')} as last known` : ''}
    </Tile>
  )
}

/** The fleet in six figures, each with what it covers. */
export function KpiTiles({ view }: { view: FleetView }) {
  const { depots, power, vehicles, departures, stations, energy, problems } = fleetFigures(view)
  const covered =
    vehicles.counted === depots ? count(depots, 'depot') : `${vehicles.counted} of ${depots} depots`
  return (
    <section className="tiles" aria-labelledby="fleet-figures">
      <h2 className="hidden-text" id="fleet-figures">
        The fleet in figures
      </h2>
      <PowerTile power={power} depots={depots} />
      <Tile name="Vehicles charging" value={vehicles.charging} unit={`of ${vehicles.connected} plugged in`}>
        <b>{covered}</b>
      </Tile>
      <DeparturesTile departures={departures} />
      <Tile name="Stations up" value={stations.online} unit={`of ${stations.total}`}>
        {stations.faulted > 0 ? <b className="fault">{stations.faulted} faulted</b> : <b>none faulted</b>}
        {vehicles.counted === depots ? '' : `, ${covered}`}
      </Tile>
      <EnergyTile energy={energy} />
      <ProblemsTile problems={problems} />
    </section>
  )
}

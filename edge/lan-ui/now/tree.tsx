import type { CircuitView, SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { At } from '@busbar/ui-kit/components/age.tsx'
import { PowerBar } from '@busbar/ui-kit/components/power-bar.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { amperes, kilowatts } from '@busbar/ui-kit/format.ts'
import { limitWords } from './circuit-sheet.tsx'
import { type Branch, feederTree } from './feeder-tree.ts'
import { conductorPieces, countedAmps, describeConductor } from './site-pieces.ts'
import { StationCard } from './station-card.tsx'
import { StationRow } from './station-row.tsx'

/** From this share of its limit a conductor is said in copper. */
const NEARLY_FULL = 0.95
/** More stations than this on a feeder are shown as rows. */
const MOST_CARDS = 12

function loadClass(counted: number, limit: number): string | undefined {
  if (counted > limit) return 'over'
  return counted >= limit * NEARLY_FULL ? 'full' : undefined
}

interface CircuitHeadProps {
  readonly circuit: CircuitView
  readonly level: 'h2' | 'h3'
  readonly times: DepotTime
  readonly onOpen: (circuit: string) => void
}

function CircuitHead({ circuit, level, times, onOpen }: CircuitHeadProps) {
  const Heading = level
  return (
    <div className={circuit.binding ? 'panel circuit binding' : 'panel circuit'}>
      <div className="circuit-title">
        <Heading>
          <button type="button" aria-haspopup="dialog" onClick={() => onOpen(circuit.id)}>
            {circuit.name}
          </button>
          {circuit.note ? <small> {circuit.note}</small> : null}
        </Heading>
        <span>
          <b>{kilowatts(circuit.power_w)} kW</b> · {amperes(circuit.rating_a)} A
        </span>
      </div>
      {circuit.operating_limit === null ? null : (
        <p className="by-hand">
          Limited to {limitWords(circuit.operating_limit)}
          {circuit.operating_limit.until === null ? null : (
            <>
              {' '}
              until <At at={circuit.operating_limit.until} times={times} form="near" />
            </>
          )}
          , by {circuit.operating_limit.by}
        </p>
      )}
      <ul>
        {circuit.conductors.map((conductor) => {
          const counted = countedAmps(conductor)
          return (
            <li className="conductor" key={conductor.phase}>
              <span>{conductor.phase.toUpperCase()}</span>
              <PowerBar
                className="conductor-bar"
                pieces={conductorPieces(conductor)}
                limit={conductor.limit_a}
                label={describeConductor(conductor)}
                limitAt={1}
              />
              <span className={loadClass(counted, conductor.limit_a)}>
                <b>{amperes(counted)}</b> of {amperes(conductor.limit_a)} A
              </span>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

interface StationsProps {
  readonly branch: Branch
  readonly rows: boolean
  readonly times: DepotTime
  readonly onOpen: (key: string) => void
}

function Stations({ branch, rows, times, onOpen }: StationsProps) {
  const One = rows ? StationRow : StationCard
  if (branch.evses.length === 0) return null
  return (
    <ul className={rows ? 'panel rows' : 'cards'} aria-label={`Stations on ${branch.circuit.name}`}>
      {branch.evses.map((evse) => (
        <One key={`${evse.station}/${evse.evse}`} evse={evse} times={times} onOpen={onOpen} />
      ))}
    </ul>
  )
}

interface TreeProps {
  readonly view: SiteView
  readonly times: DepotTime
  readonly onOpen: (key: string) => void
  readonly onOpenCircuit: (circuit: string) => void
}

/** The copper rail with its feeders, and the stations that hang from them. */
export function Tree({ view, times, onOpen, onOpenCircuit }: TreeProps) {
  const feeders = feederTree(view)
  return (
    <div className="tree" data-feeders={feeders.length}>
      {feeders.map((feeder) => {
        const hanging = feeder.evses.length + feeder.below.reduce((sum, { evses }) => sum + evses.length, 0)
        const rows = hanging > MOST_CARDS
        return (
          <section className="feeder" key={feeder.circuit.id} aria-label={feeder.circuit.name}>
            <CircuitHead circuit={feeder.circuit} level="h2" times={times} onOpen={onOpenCircuit} />
            <Stations branch={feeder} rows={rows} times={times} onOpen={onOpen} />
            {feeder.below.map((branch) => (
              <div className="below" key={branch.circuit.id}>
                <CircuitHead circuit={branch.circuit} level="h3" times={times} onOpen={onOpenCircuit} />
                <Stations branch={branch} rows={rows} times={times} onOpen={onOpen} />
              </div>
            ))}
            {hanging === 0 ? <p className="empty">No station hangs from {feeder.circuit.name}.</p> : null}
          </section>
        )
      })}
      {feeders.length === 0 ? <p className="panel waiting-panel">The site has no feeder yet.</p> : null}
    </div>
  )
}

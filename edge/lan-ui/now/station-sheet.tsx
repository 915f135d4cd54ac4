import type { EvseView, SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { Age, At } from '@busbar/ui-kit/components/age.tsx'
import { Fact, Facts, Sheet } from '@busbar/ui-kit/components/sheet.tsx'
import { StateMark } from '@busbar/ui-kit/components/state-mark.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { amperes, kilowattHours, kilowatts, percent } from '@busbar/ui-kit/format.ts'
import { READINESS } from './aside.tsx'
import { ByHand } from './by-hand.tsx'
import { WhyPanel } from './why-panel.tsx'

const wordOf = (part: string): string => (/^l[123]$/.test(part) ? part.toUpperCase() : part)

/** `Feeder 2, L1` for the row `F2/l1`. */
export function rowName(row: string, circuits: SiteView['circuits']): string {
  const cut = row.lastIndexOf('/')
  const circuit = circuits.find(({ id }) => id === row.slice(0, cut))?.name ?? row.slice(0, cut)
  const part = row.slice(cut + 1).split('~')[0] ?? ''
  if (part.startsWith('operating-'))
    return `${circuit}, operating limit ${wordOf(part.slice('operating-'.length))}`
  return `${circuit}, ${wordOf(part)}`
}

interface PartProps {
  readonly evse: EvseView
  readonly times: DepotTime
}

const ValuesAge = ({ evse, times }: PartProps) =>
  evse.values_at === null ? null : (
    <>
      <Age at={evse.values_at} /> old, from <At at={evse.values_at} times={times} form="seconds" />
    </>
  )

function PowerFacts({ evse, times }: PartProps) {
  const currents = evse.phases
    .map((phase) => `${phase.toUpperCase()} ${amperes(evse.current_a[phase])}`)
    .join(' · ')
  return (
    <section>
      <h3 className="small-heading">Power</h3>
      <Facts>
        <Fact name="Limit sent" small={evse.pending_w === null ? null : 'the station has not answered yet'}>
          {evse.pending_w === null ? 'all answered' : `${kilowatts(evse.pending_w)} kW`}
        </Fact>
        <Fact name="Limit in force" small={evse.offered_a === null ? null : `${evse.offered_a.toFixed(1)} A`}>
          {kilowatts(evse.offered_w)} kW
        </Fact>
        <Fact name="Measured" small={<ValuesAge evse={evse} times={times} />}>
          {kilowatts(evse.actual_w)} kW
        </Fact>
        <Fact name="Phase currents">{currents} A</Fact>
        <Fact name="Held beyond measured">{kilowatts(evse.held_w)} kW</Fact>
        <Fact name="Rating">
          {kilowatts(evse.rating_w)} kW {evse.current.toUpperCase()}
        </Fact>
      </Facts>
    </section>
  )
}

function VehicleFacts({ evse, times }: PartProps) {
  return (
    <section>
      <h3 className="small-heading">Vehicle</h3>
      <Facts>
        <Fact name="Vehicle">{evse.vehicle ?? '–'}</Fact>
        <Fact
          name="State of charge"
          small={evse.soc_needed_pct === null ? null : `${percent(evse.soc_needed_pct)} needed`}
        >
          {evse.soc_estimated ? '≈ ' : ''}
          {percent(evse.soc_pct)}
        </Fact>
        <Fact
          name="Energy"
          small={
            evse.started_at ? (
              <>
                since <At at={evse.started_at} times={times} form="near" />
              </>
            ) : null
          }
        >
          {kilowattHours(evse.energy_wh)} kWh
        </Fact>
        <Fact
          name="Leaves"
          small={
            evse.ready_at ? (
              <>
                ready <At at={evse.ready_at} times={times} form="near" />
              </>
            ) : null
          }
        >
          <At at={evse.departure_at} times={times} form="near" />
          {evse.readiness ? `, ${READINESS[evse.readiness]}` : ''}
        </Fact>
        <Fact name="IdToken">{evse.id_token ?? '–'}</Fact>
        <Fact name="Transaction">{evse.transaction ?? '–'}</Fact>
      </Facts>
    </section>
  )
}

function ContactFacts({ evse, times, row }: PartProps & { row: string | null }) {
  return (
    <section>
      <h3 className="small-heading">Why and since when</h3>
      <Facts>
        <Fact name="Row that limits it">{row ?? 'none'}</Fact>
        <Fact name="Reason code">
          <code>{evse.reason_code}</code>
        </Fact>
        <Fact name="State since">
          <At at={evse.state_since} times={times} form="near" />
        </Fact>
        <Fact
          name="Contact"
          small={
            evse.last_message_at ? (
              <>
                last message <Age at={evse.last_message_at} /> ago
              </>
            ) : null
          }
        >
          {evse.online ? 'online' : 'offline'}
        </Fact>
        <Fact name="Station" small={`EVSE ${evse.evse}`}>
          {evse.station}
        </Fact>
      </Facts>
    </section>
  )
}

interface StationSheetProps extends PartProps {
  readonly view: SiteView
  readonly stale: boolean
  readonly onClose: () => void
}

/** The full chain behind one card: limit sent, accepted and measured, what binds it, and how old each value is. */
export const StationSheet = ({ evse, view, times, stale, onClose }: StationSheetProps) => (
  <Sheet title={evse.label} beside={<StateMark state={evse.state} />} stale={stale} onClose={onClose}>
    <WhyPanel evse={evse} times={times} />
    <ByHand evse={evse} times={times} />
    <PowerFacts evse={evse} times={times} />
    <VehicleFacts evse={evse} times={times} />
    <ContactFacts
      evse={evse}
      times={times}
      row={evse.binding_row === null ? null : rowName(evse.binding_row, view.circuits)}
    />
    {view.depot.virtual ? <p className="empty">Simulated depot</p> : null}
  </Sheet>
)

import type { CircuitView } from '@busbar/contracts/lan-api/site-view.ts'
import { Age, At } from '@busbar/ui-kit/components/age.tsx'
import { Fact, Facts, Sheet } from '@busbar/ui-kit/components/sheet.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { amperes, kilowattLimit, kilowatts } from '@busbar/ui-kit/format.ts'
import { useId, useState } from 'react'
import { limitPath } from '../acts.ts'
import { ActForm, FOR_A_WHILE, type Lasting } from './act-form.tsx'
import { EndButton } from './by-hand.tsx'
import { countedAmps } from './site-pieces.ts'

const LASTING: Lasting = [...FOR_A_WHILE, [7 * 1440, '7 days'], [null, 'until it is ended']]

interface CircuitProps {
  readonly circuit: CircuitView
  readonly times: DepotTime
}

/** "100 A" or "60 kW", whichever the limit is in. */
export const limitWords = ({ limit_a, limit_w }: NonNullable<CircuitView['operating_limit']>): string =>
  [
    ...(limit_a === null ? [] : [`${amperes(limit_a)} A`]),
    ...(limit_w === null ? [] : [`${kilowattLimit(limit_w)} kW`]),
  ].join(', ')

function Loads({ circuit }: { circuit: CircuitView }) {
  return (
    <section>
      <h3 className="small-heading">Load</h3>
      <Facts>
        <Fact name="Power">{kilowatts(circuit.power_w)} kW</Fact>
        <Fact name="Rating">{amperes(circuit.rating_a)} A</Fact>
        {circuit.conductors.map((conductor) => (
          <Fact
            key={conductor.phase}
            name={conductor.phase.toUpperCase()}
            small={`building ${amperes(conductor.building_a)}, vehicles ${amperes(conductor.vehicles_a)}, held ${amperes(conductor.held_a)}`}
          >
            {amperes(countedAmps(conductor))} of {amperes(conductor.limit_a)} A
          </Fact>
        ))}
      </Facts>
    </section>
  )
}

function Standing({ circuit, times }: CircuitProps) {
  const limit = circuit.operating_limit
  if (limit === null) return <p className="empty">None; the rating alone counts.</p>
  return (
    <>
      <p>
        <b>{limitWords(limit)}</b>{' '}
        {limit.until === null ? (
          'until it is ended'
        ) : (
          <>
            until <At at={limit.until} times={times} form="near" />
          </>
        )}
        , by {limit.by}, <Age at={limit.since} /> ago: {limit.reason}
      </p>
      <EndButton path={limitPath(circuit.id)} words="End the operating limit" />
    </>
  )
}

function LimitForm({ circuit, times, onDone }: CircuitProps & { onDone: () => void }) {
  const id = useId()
  const [text, setText] = useState('')
  const most = Math.floor(Math.min(...circuit.conductors.map(({ limit_a }) => limit_a)))
  const amps = Number(text)
  const fits = text !== '' && Number.isFinite(amps) && amps >= 0 && amps <= most
  return (
    <ActForm
      path={limitPath(circuit.id)}
      act={`Limit ${circuit.name}${fits ? ` to ${text} A` : ''}`}
      lasting={LASTING}
      times={times}
      body={fits ? { limit_a: amps } : null}
      onDone={onDone}
    >
      <label htmlFor={id}>Limit, A on each conductor, at most {most}</label>
      <input
        id={id}
        inputMode="decimal"
        autoComplete="off"
        value={text}
        aria-invalid={text !== '' && !fits}
        onChange={(event) => setText(event.target.value.trim())}
      />
    </ActForm>
  )
}

interface CircuitSheetProps extends CircuitProps {
  readonly stale: boolean
  readonly onClose: () => void
}

/** One circuit: its load, and the limit that a person sets on it, never above its rating. */
export function CircuitSheet({ circuit, times, stale, onClose }: CircuitSheetProps) {
  const [open, setOpen] = useState(false)
  return (
    <Sheet title={circuit.name} beside={circuit.note ?? ''} stale={stale} onClose={onClose}>
      <Loads circuit={circuit} />
      <section aria-label="Operating limit">
        <h3 className="small-heading">Operating limit</h3>
        <Standing circuit={circuit} times={times} />
        <div className="act-buttons">
          <button type="button" className="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
            Limit {circuit.name}…
          </button>
        </div>
        {open ? <LimitForm circuit={circuit} times={times} onDone={() => setOpen(false)} /> : null}
      </section>
    </Sheet>
  )
}

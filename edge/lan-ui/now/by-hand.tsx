import type { EvseView } from '@busbar/contracts/lan-api/site-view.ts'
import { Age, At } from '@busbar/ui-kit/components/age.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { kilowatts } from '@busbar/ui-kit/format.ts'
import { useState } from 'react'
import { evsePath, sendAct } from '../acts.ts'
import { ActForm, FOR_A_WHILE } from './act-form.tsx'

interface ByHandProps {
  readonly evse: EvseView
  readonly times: DepotTime
}

/** Below this a station draws nothing to speak of, W. */
const NOTHING = 200

/** Whether a pause can be seen at the station's own figures. */
function Verified({ evse }: { evse: EvseView }) {
  if (evse.override?.how !== 'pause') return null
  if (evse.actual_w === null) return <>; not verified: what it draws is not known</>
  return evse.actual_w <= NOTHING ? (
    <>; verified: it draws nothing</>
  ) : (
    <>; not verified: it still draws {kilowatts(evse.actual_w)} kW</>
  )
}

interface EndProps {
  readonly path: string
  readonly words: string
}

/** The undo of what stands. */
export function EndButton({ path, words }: EndProps) {
  const [failed, setFailed] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const end = async () => {
    setBusy(true)
    const answer = await sendAct(path, null)
    setBusy(false)
    setFailed('failed' in answer ? answer.failed : null)
  }
  return (
    <div className="act-buttons">
      <button type="button" className="plain" disabled={busy} onClick={() => void end()}>
        {words}
      </button>
      {failed === null ? null : (
        <p className="act-failed" role="alert">
          {failed}
        </p>
      )}
    </div>
  )
}

function Standing({ evse, times }: ByHandProps) {
  const { override } = evse
  if (override === null) return null
  return (
    <>
      <p>
        <b>{override.how === 'pause' ? 'Paused' : 'Charges first'}</b> until{' '}
        <At at={override.until} times={times} form="near" />, by {override.by}, <Age at={override.since} />{' '}
        ago: {override.reason}
        <Verified evse={evse} />
      </p>
      <EndButton
        path={`${evsePath(evse)}/override`}
        words={override.how === 'pause' ? 'End the pause' : 'End charging first'}
      />
    </>
  )
}

/** What a person decides for this EVSE: a pause or charging before all others, each with its end. */
export function ByHand({ evse, times }: ByHandProps) {
  const [how, setHow] = useState<'pause' | 'charge' | null>(null)
  const names = { pause: `Pause ${evse.label}`, charge: `Charge ${evse.label} first` }
  return (
    <section aria-label="By hand">
      <h3 className="small-heading">By hand</h3>
      <Standing evse={evse} times={times} />
      <div className="act-buttons">
        {(['pause', 'charge'] as const).map((each) => (
          <button
            key={each}
            type="button"
            className="plain"
            aria-expanded={how === each}
            onClick={() => setHow(how === each ? null : each)}
          >
            {names[each]}…
          </button>
        ))}
      </div>
      {how === null ? null : (
        <ActForm
          key={how}
          path={`${evsePath(evse)}/override`}
          act={names[how]}
          lasting={FOR_A_WHILE}
          times={times}
          body={{ how }}
          onDone={() => setHow(null)}
        />
      )}
    </section>
  )
}

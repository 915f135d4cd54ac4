import type { ManualPreview } from '@busbar/contracts/lan-api/manual.ts'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { useNow } from '@busbar/ui-kit/live/now.ts'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { previewAct, sendAct } from '../acts.ts'
import { PreviewList } from './preview-list.tsx'

/** Minutes that an act may last, with their words; null stands until somebody ends it. */
export type Lasting = readonly (readonly [minutes: number | null, words: string])[]

export const FOR_A_WHILE: Lasting = [
  [30, '30 minutes'],
  [60, '1 hour'],
  [120, '2 hours'],
  [240, '4 hours'],
  [480, '8 hours'],
  [1440, '24 hours'],
]

interface ActFormProps {
  /** Where it is previewed and sent. */
  readonly path: string
  /** What it does, e.g. "Pause B-02"; the button adds until when. */
  readonly act: string
  readonly lasting: Lasting
  readonly times: DepotTime
  /** What the act says beside its end and reason; null while something is missing. */
  readonly body: object | null
  readonly children?: ReactNode
  readonly onDone: () => void
}

interface Shown {
  readonly of: string
  readonly preview: ManualPreview
}

const MINUTE = 60_000

/** An act on its way: its preview, whether it may be sent yet, and what went wrong. */
function useAct(
  { path, body, onDone }: Pick<ActFormProps, 'path' | 'body' | 'onDone'>,
  minutes: number | null,
) {
  const now = useNow()
  const [reason, setReason] = useState('')
  const [shown, setShown] = useState<Shown | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const until = minutes === null ? null : new Date(now + minutes * MINUTE).toISOString()
  const request = { ...body, ...(until === null ? {} : { until }), reason: reason.trim() }
  const asked = JSON.stringify({ ...body, minutes })
  const preview = async () => {
    setBusy(true)
    const answer = await previewAct(path, { ...request, reason: request.reason || 'preview' })
    setBusy(false)
    setFailed('failed' in answer ? answer.failed : null)
    setShown('ok' in answer ? { of: asked, preview: answer.ok } : null)
  }
  const send = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const answer = await sendAct(path, request)
    setBusy(false)
    if ('failed' in answer) setFailed(answer.failed)
    else onDone()
  }
  // What was looked at is the effect of this act, not of the one before a field was changed.
  const effect = shown?.of === asked ? shown.preview : null
  const ready = !busy && body !== null && request.reason !== '' && effect !== null
  return { now, until, reason, setReason, failed, busy, effect, ready, preview, send }
}

interface LastingProps {
  readonly lasting: Lasting
  readonly minutes: number | null
  readonly onChange: (minutes: number | null) => void
}

function LastingField({ lasting, minutes, onChange }: LastingProps) {
  const id = useId()
  return (
    <>
      <label htmlFor={id}>For</label>
      <select
        id={id}
        value={minutes ?? ''}
        onChange={({ target }) => onChange(target.value === '' ? null : Number(target.value))}
      >
        {lasting.map(([value, words]) => (
          <option key={words} value={value ?? ''}>
            {words}
          </option>
        ))}
      </select>
    </>
  )
}

/** What will happen, who loses, why and until when: then one button that names the act. */
export function ActForm({ act, lasting, times, children, ...of }: ActFormProps) {
  const id = useId()
  const [minutes, setMinutes] = useState<number | null>(lasting.some(([m]) => m === 120) ? 120 : null)
  const { now, until, failed, busy, effect, ...form } = useAct(of, minutes)
  return (
    <form className="act-form" onSubmit={form.send} aria-label={act}>
      {children}
      <LastingField lasting={lasting} minutes={minutes} onChange={setMinutes} />
      <label htmlFor={id}>Reason</label>
      <input
        id={id}
        value={form.reason}
        maxLength={200}
        required
        autoComplete="off"
        onChange={({ target }) => form.setReason(target.value)}
      />
      <div className="act-effect" aria-live="polite">
        {failed === null ? null : (
          <p className="act-failed" role="alert">
            {failed}
          </p>
        )}
        {effect === null ? null : <PreviewList preview={effect} times={times} />}
      </div>
      <div className="act-buttons">
        <button
          type="button"
          className="plain"
          disabled={busy || of.body === null}
          onClick={() => void form.preview()}
        >
          Show the effect
        </button>
        <button type="submit" className="strong" disabled={!form.ready}>
          {act} {until === null ? 'until ended' : `until ${times.near(until, now)}`}
        </button>
      </div>
    </form>
  )
}

import type { DepotTime } from '../depot-time.ts'
import { age } from '../format.ts'
import { useNow } from '../live/now.ts'

/** How long ago `at` was, growing with the server's time; a dash when unknown. */
export function Age({ at }: { at: string | null }) {
  const now = useNow()
  return <>{age(at === null ? null : now - Date.parse(at))}</>
}

interface AtProps {
  readonly at: string | null
  readonly times: DepotTime
  readonly form?: 'clock' | 'seconds' | 'day' | 'near'
}

/** A time in its depot's zone, with the zone in the tooltip. */
export function At({ at, times, form = 'clock' }: AtProps) {
  const now = useNow()
  if (at === null) return <>–</>
  return (
    <time dateTime={at} title={times.full(at)}>
      {form === 'near' ? times.near(at, now) : times[form](at)}
    </time>
  )
}

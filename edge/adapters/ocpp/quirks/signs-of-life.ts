import { type Duration, seconds } from '@busbar/units/time.ts'
import type { QuirkValues } from '../../../profiles/quirk-values.ts'

/** What shows that a connection is alive. */
export interface SignsOfLife {
  /** Answers to pings show nothing. */
  readonly messagesOnly: boolean
  /** Silence that means nothing; null: none is longer than the pings are apart. */
  readonly silence: Duration | null
  /** So long after a message it is alive, when its name is claimed again; null: it is asked. */
  readonly trusted: Duration | null
}

const USUAL: SignsOfLife = { messagesOnly: false, silence: null, trusted: null }
/** Three heartbeats may fail to come. */
const WITHOUT_PONG = seconds(200)
/** A heartbeat and a half. */
const TRUSTED = seconds(90)

export function signsOfLife(quirks: QuirkValues): SignsOfLife {
  const proof = quirks['liveness.proof'] ?? 'pong'
  const grace = quirks['liveness.offline-grace-s']
  if (proof === 'pong') return grace === undefined ? USUAL : { ...USUAL, silence: seconds(grace) }
  const silence = Math.max(WITHOUT_PONG, seconds(grace ?? 0)) as Duration
  return { messagesOnly: proof === 'heartbeat', silence, trusted: TRUSTED }
}

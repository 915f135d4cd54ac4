import { setImmediate as nextTurn } from 'node:timers/promises'

/** What a test can see of the work under way. */
export interface Movement {
  /** Counters that stand still when nothing happens. */
  readonly moved: readonly number[]
  /** Something has been sent and not yet arrived, or is on its way to disk. */
  readonly underway: boolean
  /** A connection is being made, or an answer is due that may wait for the clock: given more turns. */
  readonly hesitant: boolean
}

/** Turns of the event loop without any movement that count as quiet. */
const STILL_TURNS = 12
const HESITANT_TURNS = 150
const DEADLINE_MS = 20_000

/**
 * Resolves when every message sent has arrived, every fact is on disk and nothing has moved for some turns of the event
 * loop. It waits for events, never for time; the deadline only names what hangs.
 */
export async function quiet(look: () => Movement, stillTurns = STILL_TURNS): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  let still = 0
  for (let before = look(); still < (before.hesitant ? HESITANT_TURNS : stillTurns); ) {
    await nextTurn()
    const now = look()
    still = !now.underway && now.moved.every((count, index) => count === before.moved[index]) ? still + 1 : 0
    before = now
    if (performance.now() > deadline)
      throw new Error(`not quiet after ${DEADLINE_MS} ms: ${JSON.stringify(now)}`)
  }
}

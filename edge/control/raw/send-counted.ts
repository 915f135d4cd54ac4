import type { StationId } from '@busbar/model/ids.ts'
import { type Monotonic, seconds } from '@busbar/units/time.ts'
import type { StationAnswer } from '../../domain/commands.ts'
import type { Depot } from '../depot.ts'
import { type Doubted, doubtFacts, evsesNamed, takeBack } from './doubts.ts'
import { settleDoubts } from './settle.ts'

/** How long others are given to make room for what a request may raise unseen. */
const PATIENCE = seconds(5)

type Named = Pick<Doubted, 'station' | 'command'>

/** Marks a command as under way for as long as it is: until then nothing that is set anew undoes it. */
export async function underway<T>(depot: Depot, { command }: Named, run: () => Promise<T>): Promise<T> {
  depot.underway.add(command)
  return run().finally(() => depot.underway.delete(command))
}

/**
 * Counts the EVSEs at what a request may raise them to, in memory at once. Resolves when that is on disk; where the store
 * does not take it the request must not leave, so the doubt is taken back.
 */
export async function counted(depot: Depot, evse: number, of: Doubted): Promise<void> {
  try {
    await depot.recorder.record(doubtFacts(depot, evse, of))
  } catch (error) {
    takeBack(depot, of)
    throw error
  }
}

/**
 * Sends what may raise limits in ways that nobody can foresee. The station's EVSEs count at their rating first, on disk;
 * others get a moment to make room; it leaves in any case, for whoever asks for a restart or another setting may need it
 * just because the depot is full. All counts until everything has been set anew.
 */
export async function sendCounted(
  depot: Depot,
  of: Named & Pick<Doubted, 'action' | 'reboots'>,
  send: () => Promise<StationAnswer>,
): Promise<StationAnswer> {
  const answer = await underway(depot, of, async () => {
    await counted(depot, 0, { ...of, limit: null, profile: null })
    await roomMade(depot, of.station)
    return send()
  })
  settleDoubts(depot, of, { undone: true, answer })
  return answer
}

/** Resolves when what is counted fits every protecting row, or when that has been waited for long enough. */
async function roomMade(depot: Depot, station: StationId): Promise<void> {
  if (!depot.links.has(station)) return
  const limits = new Map(evsesNamed(depot, station, 0).map(({ key, rating }) => [key, rating]))
  const until = (depot.monotonic + PATIENCE) as Monotonic
  await new Promise((settle) => {
    depot.limitRequests.add({ limits, settle, take: () => undefined, until })
    depot.urge()
  })
}

import { type EvseKey, evseKey, type StationId } from '@busbar/model/ids.ts'
import { type Instant, seconds } from '@busbar/units/time.ts'
import { type LimitDoubt, limitDoubts } from '../../domain/charging/limit-doubt.ts'
import { stationRecords } from '../../domain/charging/station.ts'
import type { Fact, FactTypes } from '../../domain/facts.ts'
import type { Depot } from '../depot.ts'

const DEADLINE = seconds(10)

/** A doubt and the EVSE it is about. */
interface DoubtAt {
  readonly station: StationId
  readonly evse: number
  readonly key: EvseKey
  readonly doubt: LimitDoubt
}

/** A request that may raise its EVSEs: to its limit, or to their rating where it names none. */
export type Doubted = Pick<
  FactTypes['LimitDoubted'],
  'station' | 'limit' | 'profile' | 'reboots' | 'action' | 'command'
>

/** The EVSEs of a station that a request names: 0 is all of them. */
export const evsesNamed = (depot: Depot, station: StationId, evse: number) =>
  depot.evsesOf(station).filter((own) => evse === 0 || own.evse === evse)

/** From here on the EVSEs count at what the request may have raised them to. */
export const doubtFacts = (depot: Depot, evse: number, of: Doubted): Fact[] =>
  evsesNamed(depot, of.station, evse).map((own) =>
    depot.recorder.fact('LimitDoubted', { type: 'evse', id: own.key }, { evse: own.evse, ...of }),
  )

/** What a station's EVSEs are in doubt about. */
export const doubtsOf = (depot: Depot, station: StationId): DoubtAt[] =>
  depot
    .evsesOf(station)
    .flatMap(({ evse, key }) =>
      (depot.memory.table(limitDoubts).get(key) ?? []).map((doubt) => ({ station, evse, key, doubt })),
    )

/** Doubts that setting everything anew ends: what is still under way would come after it, and a restart has to be heard. */
export const settleable = (depot: Depot, station: StationId): DoubtAt[] =>
  doubtsOf(depot, station).filter(
    ({ doubt }) =>
      !depot.underway.has(doubt.command) &&
      !depot.conformance.owns(doubt.command) &&
      (!doubt.reboots || bootedAt(depot, station) > doubt.at),
  )

/** Since when the connection of its last boot stands: a boot that was asked for on an older one is no restart. */
const bootedAt = (depot: Depot, station: StationId): Instant | number =>
  depot.bootedOn.get(station) ?? depot.memory.table(stationRecords).get(station)?.bootedAt ?? 0

/** What never left is in doubt no more. */
export function takeBack(depot: Depot, { station, command }: Pick<Doubted, 'station' | 'command'>): void {
  const own = doubtsOf(depot, station).filter(({ doubt }) => doubt.command === command)
  if (own.length > 0) depot.recorder.note(reconciledFacts(depot, own))
}

/** The doubts are over. */
export const reconciledFacts = (depot: Depot, doubts: readonly DoubtAt[]): Fact[] =>
  doubts.map(({ station, evse, doubt: { command } }) =>
    depot.recorder.fact(
      'LimitReconciled',
      { type: 'evse', id: evseKey(station, evse) },
      { station, evse, command },
    ),
  )

/** Takes away the profiles that were left there. @returns false when one may still be in force */
export async function clearLeft(depot: Depot, doubts: readonly DoubtAt[]): Promise<boolean> {
  const left = new Map(doubts.map(({ station, doubt }) => [doubt.profile, station]))
  const cleared = [...left].flatMap(([id, station]) => {
    if (id === null) return []
    const matching = { id, evse: null, purpose: null, stackLevel: null }
    const options = { priority: 'limit', deadline: DEADLINE } as const
    return [depot.deps.commands.send(station, { kind: 'clear-charging-profile', matching }, options)]
  })
  const gone = await Promise.all(cleared)
  return gone.every(({ status }) => status === 'accepted' || status === 'rejected')
}

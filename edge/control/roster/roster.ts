import type { StationId } from '@busbar/model/ids.ts'
import { between, seconds } from '@busbar/units/time.ts'
import { type AddedStation, addedStations } from '../../domain/charging/added-stations.ts'
import { limitDoubts } from '../../domain/charging/limit-doubt.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { RosterRefusal } from '../../domain/roster-inputs.ts'
import type { StationDefinition } from '../../domain/site/station-definition.ts'
import type { Depot } from '../depot.ts'
import { inWords, siteFaults, withAdded } from './take-up.ts'

const refused = (status: RosterRefusal['status'], reason: string) => ({
  outcome: { status, reason } as const,
  durable: Promise.resolve(),
})
const of = (station: StationId) => ({ type: 'station', id: station }) as const
const IN_FILE = 'it stands in depot.yaml, and is changed there'

/** A new station counts at once; it is let in when that is on disk. Its secret is told here once. */
export function stationAdded(depot: Depot, input: InputOf<'station-added'>): Submitted<'station-added'> {
  const { station, definition, securityProfile, by } = input
  const { roster, configured } = depot
  const rows = depot.memory.table(addedStations)
  if (roster === null) return refused('conflict', 'the controller is starting')
  if (configured.stations.includes(station)) return refused('conflict', `${station} stands in depot.yaml`)
  const known = rows.get(station)
  if (known !== undefined)
    return refused('conflict', known.leaving ? `${station} is still being removed` : `there is a ${station}`)
  if (securityProfile === 2 && !roster.secure)
    return refused('unfit', 'security profile 2 runs over TLS: ocpp.tls is not configured')
  const { text: secret, sha256: secretSha256 } = roster.newSecret()
  const added = { ...definition, station, securityProfile, secretSha256, leaving: false }
  const unfit = faultsWith(depot, [...rows.values(), added])
  if (unfit !== null) return refused('unfit', unfit)
  const { name, circuit, evses } = definition
  const data = { station, name, circuit, evses, security_profile: securityProfile, by }
  const fact = depot.recorder.fact('StationAdded', of(station), { ...data, secret_sha256: secretSha256 })
  const durable = depot.recorder.record([fact])
  durable.then(() => roster.refresh(station)).catch(() => undefined)
  depot.urge()
  return { outcome: { status: 'accepted', secret }, durable }
}

/** Another place or other ratings; the EVSEs keep their numbers, and none of them charges meanwhile. */
export function stationChanged(
  depot: Depot,
  input: InputOf<'station-changed'>,
): Submitted<'station-changed'> {
  const { station, definition, by } = input
  const row = standing(depot, station)
  if ('status' in row) return refused(row.status, row.reason)
  const numbers = (each: StationDefinition) =>
    each.evses
      .map(({ evse }) => evse)
      .sort()
      .join()
  if (numbers(row) !== numbers(definition))
    return refused('conflict', 'its EVSEs keep their numbers: remove it and add it anew')
  const others = [...depot.memory.table(addedStations).values()].filter((each) => each !== row)
  const unfit = faultsWith(depot, [...others, { ...row, ...definition }])
  if (unfit !== null) return refused('unfit', unfit)
  const { name, circuit, evses } = definition
  const fact = depot.recorder.fact('StationChanged', of(station), { station, name, circuit, evses, by })
  const durable = depot.recorder.record([fact])
  // What it falls back to may be another current.
  durable.then(() => depot.setAnew(station)).catch(() => undefined)
  depot.urge()
  return { outcome: { status: 'accepted' }, durable }
}

/** Let in no more from now on; it counts until it is gone. */
export function stationRemoved(
  depot: Depot,
  input: InputOf<'station-removed'>,
): Submitted<'station-removed'> {
  const { station, by } = input
  const row = standing(depot, station)
  if ('status' in row) return refused(row.status, row.reason)
  const durable = depot.recorder.record([depot.recorder.fact('StationLeaving', of(station), { station, by })])
  durable.then(() => depot.roster?.refresh(station)).catch(() => undefined)
  return { outcome: { status: 'accepted' }, durable }
}

/** Takes stations off whose connection is gone for so long that nothing they were allowed can be in force. */
export function letGo(depot: Depot): void {
  const gone = depot.added.filter(({ station, leaving }) => leaving && isGone(depot, station))
  if (gone.length === 0) return
  depot.recorder.note(
    gone.map(({ station }) => depot.recorder.fact('StationRemoved', of(station), { station, cause: 'left' })),
  )
}

function isGone(depot: Depot, station: StationId): boolean {
  const { leaseS, reservationS } = depot.setup.policy
  const since = depot.offlineSince.get(station)
  if (depot.links.has(station) || since === undefined || charges(depot, station)) return false
  const doubted = depot.evsesOf(station).some(({ key }) => depot.memory.table(limitDoubts).has(key))
  return !doubted && between(since, depot.monotonic) >= seconds(Math.max(leaseS, reservationS))
}

const charges = (depot: Depot, station: StationId): boolean =>
  depot.evsesOf(station).some(({ key }) => depot.transactionAt(key) !== undefined)

/** A station that may be changed or removed now. */
function standing(depot: Depot, station: StationId): AddedStation | RosterRefusal {
  const row = depot.memory.table(addedStations).get(station)
  if (depot.configured.stations.includes(station)) return { status: 'conflict', reason: IN_FILE }
  if (row === undefined) return { status: 'unknown', reason: station }
  if (row.leaving) return { status: 'conflict', reason: 'it is being removed' }
  return charges(depot, station) ? { status: 'conflict', reason: 'it is charging' } : row
}

function faultsWith(depot: Depot, added: readonly AddedStation[]): string | null {
  const numbers = added.flatMap(({ station, evses }) => evses.map(({ evse }) => `${station}/${evse}`))
  if (new Set(numbers).size < numbers.length) return 'each EVSE has a number of its own'
  const faults = siteFaults(withAdded(depot.configured, added))
  return faults.length === 0 ? null : inWords(faults)
}

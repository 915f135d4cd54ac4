import type { StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'
import { secretUsed } from '../passwords/change-password.ts'
import { reconcile } from '../reconcile.ts'
import { keepUntilHeard } from '../reservations.ts'

/** A station that does not boot after connecting carries its registration over. @see ocpp.md 3.1 */
const BOOT_GRACE = seconds(5)

export function stationConnected(
  depot: Depot,
  input: InputOf<'station-connected'>,
): Submitted<'station-connected'> {
  const { station, connection, protocol, remoteAddress } = input
  depot.links.set(station, {
    connection,
    protocol,
    since: depot.now,
    booted: false,
    reconciled: false,
    reconciling: false,
  })
  depot.offlineSince.delete(station)
  for (const { key } of depot.evsesOf(station)) depot.failures.delete(key)
  const durable = depot.recorder.record([
    depot.recorder.fact(
      'StationConnected',
      { type: 'station', id: station },
      { station, connection, protocol, remote_address: remoteAddress },
    ),
  ])
  secretUsed(depot, station, input.secret ?? null)
  reconcileSoon(depot, station)
  return { outcome: undefined, durable }
}

/** After the grace time at the latest, whether a boot or the disk is awaited. */
function reconcileSoon(depot: Depot, station: StationId): void {
  const connection = depot.links.get(station)?.connection
  const timer = depot.deps.clock.timer(BOOT_GRACE, () => {
    depot.timers.delete(timer)
    if (depot.links.get(station)?.connection === connection) reconcile(depot, station)
  })
  depot.timers.add(timer)
}

export function stationDisconnected(
  depot: Depot,
  input: InputOf<'station-disconnected'>,
): Submitted<'station-disconnected'> {
  const { station, connection, reason } = input
  if (depot.links.get(station)?.connection === connection) lost(depot, station)
  const fact = depot.recorder.fact(
    'StationDisconnected',
    { type: 'station', id: station },
    { station, connection, reason },
  )
  return { outcome: undefined, durable: depot.recorder.record([fact]) }
}

/** Out of sight, a vehicle may start or change: which conductors it uses is not known any more. */
function lost(depot: Depot, station: StationId): void {
  depot.links.delete(station)
  depot.offlineSince.set(station, depot.monotonic)
  depot.flapping.lost(station, depot.monotonic)
  keepUntilHeard(depot, station)
  for (const { key } of depot.evsesOf(station)) {
    depot.freeSince.delete(key)
    depot.observations.set(key, { ...depot.observation(key), usedPhases: null, carrying: {} })
  }
  depot.urge()
}

export function stationProfiled(
  depot: Depot,
  { station, profile, capabilities }: InputOf<'station-profiled'>,
): Submitted<'station-profiled'> {
  depot.matched.set(station, profile)
  depot.capabilities.set(station, capabilities)
  return { outcome: undefined, durable: Promise.resolve() }
}

export function stationBooted(depot: Depot, input: InputOf<'station-booted'>): Submitted<'station-booted'> {
  const { station, vendor, model, serial, firmware, stationProfile, capabilities } = input
  depot.capabilities.set(station, capabilities)
  const evsesOf = (of: StationId) => depot.evsesOf(of).map(({ key }) => key)
  const charging = evsesOf(station).some((key) => depot.transactionAt(key) !== undefined)
  depot.restart.booted(station, { at: depot.monotonic, charging }, evsesOf)
  const link = depot.links.get(station)
  if (link) depot.links.set(station, { ...link, booted: true, reconciled: false, reconciling: false })
  if (link) depot.bootedOn.set(station, link.since)
  const fact = depot.recorder.fact(
    'StationBooted',
    { type: 'station', id: station },
    { station, vendor, model, serial, firmware, station_profile: stationProfile },
  )
  const durable = depot.recorder.record([fact])
  const afterAnswer = () => reconcile(depot, station)
  durable.then(afterAnswer, afterAnswer)
  if (link) reconcileSoon(depot, station)
  return { outcome: { heartbeatIntervalS: 60 }, durable }
}

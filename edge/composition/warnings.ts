import type { StationId } from '@busbar/model/ids.ts'
import type { Health } from '../adapters/host/health.ts'
import type { Log } from '../adapters/host/log.ts'
import { securityProfileOf } from '../config/check-security.ts'
import { isLoopback } from '../config/cross-faults.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import type { Warning } from '../domain/ports/health-sink.ts'

export function tellHealth(log: Log, event: Parameters<ConstructorParameters<typeof Health>[0]>[0]): void {
  if ('raised' in event) log.warn({ 'event.name': 'warning.raised', ...event.raised }, event.raised.text)
  else log.info({ 'event.name': 'warning.cleared', code: event.cleared.code }, 'warning cleared')
}

/** Named settings that loosen a rule stand as warnings. */
export function declareLoosened({ config }: LoadedConfig, health: Health): void {
  if (config.lan_http.allow_unauthenticated_writes)
    health.raise({
      code: 'lan.open-writes',
      severity: 3,
      text: 'Anyone who reaches the LAN API may change departures and command stations',
    })
  for (const station of config.stations) {
    const { id, upgrading_from: from } = station
    if (from === 0 || securityProfileOf(station) === 0)
      health.raise({
        code: `station.no-secret.${id}`,
        severity: 2,
        text: `Station ${id} is let in without a secret`,
      })
    else if (from !== undefined)
      health.raise({
        code: `station.upgrading.${id}`,
        severity: 3,
        text: `Station ${id} is still let in with security profile ${from}`,
      })
  }
  if (
    config.broker !== undefined &&
    config.broker.tls === undefined &&
    !isLoopback(config.broker.listen.host)
  )
    health.raise({
      code: 'broker.plain',
      severity: 3,
      text: 'Devices on the LAN send their secrets and values to the broker without TLS',
    })
}

/** Stands until the controller restarts: a station came without the proof that it owes, or somebody tries to be it. */
export const refusedStation = (event: {
  identity: string
  reason: string
  remoteAddress: string
}): Warning => ({
  code: `station.refused.${event.identity}`,
  severity: 2,
  text: `A connection as station ${event.identity} from ${event.remoteAddress} was refused: ${event.reason}`,
})

/** Stands until the controller restarts: somebody copied a station's secret, or two stations have one name. */
export const duplicateIdentity = (event: {
  station: StationId
  holder: string
  newcomer: string
}): Warning => ({
  code: `identity.duplicate.${event.station}`,
  severity: 1,
  text: `Station ${event.station} is connected from ${event.holder}; a second one claims its name from ${event.newcomer}`,
})

/** Stands until the station is back: its model does not dial again by itself. */
export const restartNeeded = (station: StationId, awayS: number): Warning => ({
  code: `station.restart-needed.${station}`,
  severity: 2,
  text: `Station ${station} has been away for ${Math.round(awayS / 60)} min and does not come back by itself: somebody has to restart it`,
})

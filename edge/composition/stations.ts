import { as, type StationId } from '@busbar/model/ids.ts'
import type { Health } from '../adapters/host/health.ts'
import { type Csms, createCsms, type KnownStation } from '../adapters/ocpp/csms.ts'
import { FrameLog } from '../adapters/ocpp/message-log.ts'
import type { MessageLog } from '../domain/ports/message-log.ts'
import type { StationCommands } from '../domain/ports/station-commands.ts'
import type { StationProfiles } from '../profiles/station-profiles.ts'
import type { Parts } from './parts.ts'
import { duplicateIdentity } from './warnings.ts'

export async function makeCsms({
  loaded,
  clock,
  log,
  control,
  profiles,
  health,
  scale,
  messages,
}: Parts & {
  profiles: StationProfiles
  health: Health
  scale: number
  messages: MessageLog
}): Promise<Csms> {
  const stations = await Promise.all(
    loaded.config.stations.map(async ({ id, secret }): Promise<KnownStation> => {
      return {
        id: as<StationId>(id),
        secretSha256: secret === undefined ? null : (await loaded.secret(secret)).sha256,
      }
    }),
  )
  const csms = createCsms({
    listen: loaded.config.ocpp.listen,
    stations,
    clock,
    submit: control.submit,
    profiles,
    log,
    scale,
    onEvent: (event) => {
      log.warn({ 'event.name': `ocpp.${event.kind}`, ...event }, `OCPP: ${event.kind}`)
      if (event.kind === 'identity.duplicate') health.raise(duplicateIdentity(event))
    },
  })
  const frames = new FrameLog(clock, messages)
  csms.onFrame((frame) => frames.passed(frame))
  return csms
}

/** Commands that wait for nothing: until the line is connected, no station is. */
export function lateLine(): StationCommands & { connect(commands: StationCommands): void } {
  let line: StationCommands | null = null
  return {
    connect: (commands) => {
      line = commands
    },
    send: (station, command, options) =>
      line === null
        ? Promise.resolve({ status: 'not-sent', reason: 'offline' })
        : line.send(station, command, options),
  }
}

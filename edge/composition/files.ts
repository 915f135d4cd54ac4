import { join } from 'node:path'
import { messageOf } from '@busbar/model/depot-error.ts'
import { DepotFiles } from '../adapters/files/station-files.ts'
import { firmwareImages, inboxFiles } from '../domain/file-records.ts'
import type { StationAuthority } from '../domain/ports/station-authority.ts'
import type { Parts } from './parts.ts'
import type { Roster } from './roster.ts'

const MB = 1e6

/** The inbox and the shelf; null where the configuration has none. */
export async function startFiles({
  loaded,
  clock,
  log,
  control,
  authority,
  roster,
}: Parts & { authority: StationAuthority | null; roster: Roster }): Promise<DepotFiles | null> {
  const { files, ocpp } = loaded.config
  if (files === undefined) return null
  const folder = join(loaded.dataFolder, 'files')
  const names = ocpp.tls?.names ?? []
  const identity = files.tls && authority && (await authority.serverIdentity(names))
  const host = files.host ?? files.listen.host
  const room = new DepotFiles({
    clock,
    listen: files.listen,
    secure: files.tls && identity ? { listen: files.tls.listen, identity } : null,
    hosts: { plain: host, secure: names[0] ?? host },
    isSecure: (id) => {
      const station = roster.stations.get(id)
      return (station?.securityProfile ?? 0) >= 2 && !station?.upgradingFrom
    },
    allowed: files.allowed_hosts,
    csms: csmsHosts({ plain: ocpp.listen, host, tls: ocpp.tls }),
    inbox: {
      folder: join(folder, 'inbox'),
      mostEach: files.upload_max_mb * MB,
      mostAll: files.inbox_max_mb * MB,
    },
    shelf: {
      folder: join(folder, 'shelf'),
      mostEach: files.image_max_mb * MB,
      mostAll: files.shelf_max_mb * MB,
    },
    keepDays: files.keep_days,
    files: () => control.depot.memory.table(inboxFiles).values(),
    images: () => control.depot.memory.table(firmwareImages),
    tell: (event) => control.submit({ type: 'file-event', ...event }).durable,
    onError: (error) =>
      log.error(
        { 'event.name': 'files.failed', 'exception.message': messageOf(error) },
        'a file transfer failed',
      ),
  })
  await room.start()
  control.depot.files = room
  return room
}

interface Listener {
  readonly listen: { readonly port: number }
  readonly names: readonly string[]
}

/** This depot itself, as its stations connect to it. */
function csmsHosts(of: { plain: { port: number }; host: string; tls: Listener | undefined }) {
  const { plain, host, tls } = of
  const secure = tls?.names.map((name) => ({ scheme: 'wss', host: `${name}:${tls.listen.port}` })) ?? []
  return [{ scheme: 'ws', host: `${host}:${plain.port}` }, ...secure]
}

import type { StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { StationCommand } from '../commands.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'
import { namesSecret } from './secrets.ts'

/** A command that has not ended. */
export interface OutboxEntry {
  readonly command: string
  readonly station: StationId
  readonly kind: string
  readonly by: string
  readonly askedAt: Instant
  /** What to send again; null for a command that is done now or not at all. */
  readonly kept: {
    readonly request: StationCommand
    readonly slot: string | null
    readonly expiresAt: Instant
  } | null
}

/** Commands under way or waiting, oldest first. */
export const outbox: ProjectionDefinition<OutboxEntry> = {
  name: 'outbox',
  keys: ({ fact }) =>
    fact.type === 'CommandReceived' || fact.type === 'CommandKept' || fact.type === 'CommandFinished'
      ? [fact.data.command]
      : [],
  next: (row, { fact }) => {
    switch (fact.type) {
      case 'CommandReceived': {
        const { command, station, action: kind, by } = fact.data
        return { command, station, kind, by, askedAt: fact.occurred_at, kept: null }
      }
      case 'CommandKept': {
        const { request, slot, expires_at: expiresAt } = fact.data
        return row && { ...row, kept: { request, slot, expiresAt } }
      }
      case 'CommandFinished':
        return undefined
      default:
        return row
    }
  },
}

/** Whether a command means the same later, and twice: only such a one may wait, or be sent again. */
export function mayWait(command: StationCommand): boolean {
  switch (command.kind) {
    case 'set-variable':
      // Its value would have to stand on record until it is sent.
      return !namesSecret(command.name)
    case 'set-availability':
    case 'clear-cache':
    case 'request-stop':
    case 'install-certificate':
    case 'delete-certificate':
    case 'certificate-signed':
    case 'update-firmware':
    case 'get-log':
      return true
    default:
      return false
  }
}

/** Commands of one slot replace each other: only the newest matters. */
export function slotOf(command: StationCommand): string | null {
  switch (command.kind) {
    case 'set-availability':
      return `${command.kind}/${command.evse}/${command.connector ?? 0}`
    case 'set-variable':
      return `${command.kind}/${command.name.toLowerCase()}`
    case 'get-log':
      return `${command.kind}/${command.log}`
    case 'clear-cache':
    case 'certificate-signed':
    case 'update-firmware':
      return command.kind
    default:
      return null
  }
}

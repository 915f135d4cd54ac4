import type { StationId } from '@busbar/model/ids.ts'
import type { TransportEvent } from '../adapters/ocpp/csms.ts'
import type { InputOf } from '../domain/inputs.ts'

type Notice = InputOf<'security-noticed'>

/** What the transport tells of attacks, as an input of the depot. Names that no station here has go no further. */
export function noticeOf(
  event: TransportEvent,
  known: ReadonlyMap<string, { readonly id: StationId }>,
): Notice {
  const about = (identity: string | null) => (identity === null ? null : (known.get(identity)?.id ?? null))
  const type = 'security-noticed'
  switch (event.kind) {
    case 'refused': {
      const { reason, remoteAddress, count } = event
      return { type, notice: 'access-refused', station: about(event.identity), reason, remoteAddress, count }
    }
    case 'guessing': {
      const { station, remoteAddress } = event
      const reason = 'it was not right ten times; that address is kept out for a while'
      return { type, notice: 'access-guessed', station, reason, remoteAddress, count: 1 }
    }
    case 'enumeration': {
      const { remoteAddress, count } = event
      const reason = `${count} refused connections in a minute; more are not answered`
      return { type, notice: 'access-enumerated', station: null, reason, remoteAddress, count }
    }
    case 'identity.duplicate': {
      const { station, holder, newcomer } = event
      const reason = `it is connected from ${holder}; the second one was refused`
      return { type, notice: 'identity-duplicate', station, reason, remoteAddress: newcomer, count: 1 }
    }
    case 'bad-messages': {
      const reason = `${event.count} in a minute`
      const { station, count } = event
      return { type, notice: 'bad-messages', station, reason, remoteAddress: null, count }
    }
  }
}

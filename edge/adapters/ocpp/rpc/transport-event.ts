import type { StationId } from '@busbar/model/ids.ts'

/** What happened at the transport that a person may have to know. */
export type TransportEvent =
  | {
      readonly kind: 'refused'
      readonly reason: string
      readonly identity: string | null
      readonly remoteAddress: string
      /** 1, or how many followed the first of that address and reason within a minute. */
      readonly count: number
    }
  /** A second connection claimed the identity of a station that is alive: a clone or a hijack. */
  | {
      readonly kind: 'identity.duplicate'
      readonly station: StationId
      readonly holder: string
      readonly newcomer: string
    }
  /** So many wrong credentials for one station from one address that it is kept out for a while. */
  | { readonly kind: 'guessing'; readonly station: StationId; readonly remoteAddress: string }
  /** So many refusals in a minute that the address is not answered any more. */
  | { readonly kind: 'enumeration'; readonly remoteAddress: string; readonly count: number }
  /** More unreadable messages in a minute than a fault explains. */
  | { readonly kind: 'bad-messages'; readonly station: StationId; readonly count: number }

/** A frame as it passed, for the message log. */
export interface TransportFrame {
  readonly station: StationId
  readonly connection: number
  readonly direction: 'in' | 'out'
  readonly text: string
}

/** A message from a depot: the depot its credential proved, the name below `up/`, and the bytes. */
export interface DepotMessage {
  readonly depot: string
  readonly name: string
  readonly payload: Uint8Array
}

/** The line to the depots. What cannot be delivered is lost: whoever needs an answer asks again. */
export interface DepotLink {
  /** `deliver` must return at once. */
  start(deliver: (message: DepotMessage) => void): Promise<void>
  stop(): Promise<void>
  /** Sends below the depot's `dn/`; never retained. */
  send(depot: string, name: string, payload: string): void
}

/** A three-phase station on somebody else's library: it draws what it is offered, and a script says what happens to it. */
export interface ForeignStation {
  /** Limits of the transaction that it took, A, in their order. */
  readonly limitsA: readonly number[]
  readonly drawA: number
  registerWh: number
  /** Tokens that a connector was kept for. */
  readonly reservedFor: readonly string[]
  /** Content of the firmware that it fetched. */
  readonly firmware: readonly string[]
  /** What the library finds wrong with anything we say to it. */
  readonly faults: readonly string[]
  connect(): Promise<void>
  close(): void
  /** Boots, waits for the token to be accepted, and starts. */
  start(): Promise<void>
  /** Five seconds of charging, then its values. */
  charge(): Promise<void>
  stop(): Promise<void>
}

/** Fetches firmware as a station would; answers its content. */
export async function download(location: string): Promise<string> {
  const answer = await fetch(location)
  return answer.ok ? answer.text() : Promise.reject(answer.status)
}

/**
 * A broken expectation. `code` is grouped by subsystem (`store.behind`, `ocpp.call-timeout`); callers switch on it,
 * never on the text.
 */
export class DepotError extends Error {
  override readonly name = 'DepotError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The message of anything thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)

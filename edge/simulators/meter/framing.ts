/** A request as it came over the wire. */
export interface Request {
  readonly unit: number
  /** From the function code on. */
  readonly body: Buffer
  /** All of it. */
  readonly bytes: Buffer
}

/** How requests and answers are wrapped on a wire. */
export interface Framing {
  /** A line that carries no numbers is shared by its units: one that is not there stays silent. */
  readonly kind: 'tcp' | 'rtu'
  /**
   * The first whole request, and what is left; undefined while it is not all there, `broken` when it can never become
   * one and the connection cannot go on.
   */
  take(received: Buffer): { readonly request?: Request; readonly rest: Buffer } | 'broken'
  /** An answer to a request. */
  wrap(request: Request, answer: { readonly unit: number; readonly body: Buffer }): Buffer
}

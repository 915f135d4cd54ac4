import type { UpName } from '@busbar/contracts/sync/topics.ts'
import type { Monotonic } from '@busbar/units/time.ts'

/** One open connection to the broker, as the upload and the state publisher see it. */
export interface Wire {
  /** Resolves when the broker has the message; rejects when the connection closes or the deadline passes first. */
  publish(name: UpName, payload: Buffer | string, how: { qos: 0 | 1; retain: boolean }): Promise<void>
  /** Resolves when the socket takes more, so that at most one message waits in front of the next. */
  drained(): Promise<void>
  /** When anything last came from the broker. */
  lastReceived(): Monotonic
}

/** What the link's parts write their log to; pino fits. */
export interface LinkLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

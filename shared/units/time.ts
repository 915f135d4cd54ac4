import { finite } from './unit-error.ts'

declare const unit: unique symbol

/** A length of time in milliseconds. */
export type Duration = number & { readonly [unit]: 'ms' }
/** Wall-clock time in milliseconds since 1970-01-01T00:00:00Z. May jump. */
export type Instant = number & { readonly [unit]: 'instant' }
/** Milliseconds on a clock that never jumps; only differences mean anything. */
export type Monotonic = number & { readonly [unit]: 'monotonic' }

/** @throws UnitError when `n` is not finite */
export const milliseconds = (n: number): Duration => finite(n, 'milliseconds') as Duration
/** @throws UnitError when `n` is not finite */
export const seconds = (n: number): Duration => finite(n * 1000, 'milliseconds') as Duration
/** @throws UnitError when `n` is not finite */
export const minutes = (n: number): Duration => seconds(n * 60)
/** @throws UnitError when `n` is not finite */
export const hours = (n: number): Duration => seconds(n * 3600)
/** @throws UnitError when `n` is not finite */
export const instant = (ms: number): Instant => finite(ms, 'milliseconds since 1970') as Instant
/** @throws UnitError when `n` is not finite */
export const monotonic = (ms: number): Monotonic => finite(ms, 'monotonic milliseconds') as Monotonic

/** ISO 8601 in UTC with milliseconds, the form of every time on our wires. */
export const toIso = (at: Instant): string => new Date(at).toISOString()
/** @throws UnitError when `text` is not an ISO 8601 time */
export const fromIso = (text: string): Instant =>
  finite(Date.parse(text), `an ISO 8601 time ("${text}")`) as Instant
/** `at` moved by `by`; negative moves back. */
export const later = <T extends Instant | Monotonic>(at: T, by: Duration): T => (at + by) as T
/** Time from `from` to `to`; negative when `to` is earlier. */
export const between = <T extends Instant | Monotonic>(from: T, to: T): Duration => (to - from) as Duration

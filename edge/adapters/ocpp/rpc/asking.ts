import { textOf } from '../tolerant.ts'
import type { Payload } from './frame.ts'
import type { Lack, Route } from './route.ts'

type Handle = Route['handle']

/**
 * A handler of questions: one that does not say what it asks about gets an error, since any answer would be made up.
 * Reports never come here: whatever is wrong with them, they are kept.
 */
export const asking =
  (lackOf: (payload: Payload) => Lack | null, handle: Handle): Handle =>
  (call) => {
    const lacks = lackOf(call.payload)
    return lacks === null ? handle(call) : { answer: {}, lacks }
  }

/** The first of these members that no text can be read from; empty text is text. */
export const textsIn =
  (...names: readonly string[]) =>
  (payload: Payload): Lack | null => {
    for (const name of names) {
      const lack = lackOfText(payload[name])
      if (lack !== null) return lack
    }
    return null
  }

/** What keeps a text from being read from this member. */
export function lackOfText(member: unknown): Lack | null {
  if (member === undefined || member === null) return 'OccurrenceConstraintViolation'
  return typeof member === 'string' || textOf(member) !== null ? null : 'TypeConstraintViolation'
}

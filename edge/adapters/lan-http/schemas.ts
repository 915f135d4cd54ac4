import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import type { z } from 'zod'

/** An answer in JSON, as a route describes it. */
export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A refusal, as a route describes it. */
export const failed = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})

/** Refusals of every route that changes something. */
export const writing = {
  400: failed('The request does not fit'),
  401: failed('A token is needed'),
  403: failed('Another role is needed, or the page is of another origin'),
}

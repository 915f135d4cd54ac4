import type { Problem } from '@busbar/contracts/lan-api/problem.ts'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'

/** Answers an RFC 9457 problem. */
export function problem<S extends ContentfulStatusCode>(
  c: Context,
  status: S,
  of: Omit<Problem, 'status' | 'type'> & { type?: string },
) {
  const body: Problem = { type: of.type ?? 'about:blank', title: of.title, status }
  if (of.detail !== undefined) body.detail = of.detail
  if (of.errors !== undefined) body.errors = of.errors
  return c.json(body, status, { 'content-type': 'application/problem+json' })
}

/** A request that does not fit its schema: 400, naming each place. */
export const badRequest = (c: Context, error: z.core.$ZodError) =>
  problem(c, 400, {
    title: 'The request does not fit',
    errors: error.issues.map((issue) => ({
      at: issue.path.map(String).join('.') || 'body',
      expected: issue.message,
    })),
  })

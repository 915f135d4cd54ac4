import { z } from 'zod'

/** An RFC 9457 problem, media type `application/problem+json`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  /** Where the request is wrong, one entry each. */
  errors: z.array(z.object({ at: z.string(), expected: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>

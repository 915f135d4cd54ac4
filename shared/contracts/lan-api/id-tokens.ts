import { z } from 'zod'

const time = z.iso.datetime({ offset: true })
const token = z.string().trim().min(1).max(36)

/** A token as it is entered; what is left out is not so. */
export const IdTokenRequest = z.strictObject({
  id_token: token,
  status: z.enum(['Accepted', 'Blocked', 'Invalid']).default('Accepted'),
  /** The token that stands for its group: members may stop each other's transactions. */
  group: token.nullable().default(null),
  /** From then on it is refused as expired. */
  expires_at: time.nullable().default(null),
  vehicle: z.string().max(100).nullable().default(null),
  /** May start no second transaction while one runs. */
  one_at_a_time: z.boolean().default(false),
})
export const IdTokensRequest = z.strictObject({ id_tokens: z.array(IdTokenRequest).min(1).max(500) })
export const IdTokensAnswer = z.object({ accepted: z.array(z.string()) })

/** A token that is known; `entered` at the API, or as it stands in the configuration. */
export const IdTokenView = z.object({
  id_token: z.string(),
  source: z.enum(['entered', 'configured']),
  /** What a station is told just now. */
  status: z.enum(['Accepted', 'Blocked', 'ConcurrentTx', 'Expired', 'Invalid', 'Unknown']),
  group: z.string().nullable(),
  expires_at: z.string().nullable(),
  vehicle: z.string().nullable(),
  one_at_a_time: z.boolean(),
  by: z.string().nullable(),
})
export const IdTokensView = z.object({ at: z.string(), id_tokens: z.array(IdTokenView) })

export type IdTokenView = z.infer<typeof IdTokenView>

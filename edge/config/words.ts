import { z } from 'zod'

/** An id of this file. */
export const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, 'letters, digits, ".", "_" or "-", at most 48')

export const listen = z.strictObject({ host: z.string(), port: z.int().min(0).max(65535) })

/** A secret never stands in the file unless the depot is a virtual one: it is named by environment variable or file. */
export const secret = z.union(
  [
    z.strictObject({ env: z.string().min(1) }),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    z.strictObject({ virtual: z.string().min(16) }),
  ],
  '{ env: VARIABLE }, { file: PATH }, { sha256: 64 lower-case hex digits } or, in a virtual depot, { virtual: at least 16 characters }',
)

export type SecretConfig = z.infer<typeof secret>

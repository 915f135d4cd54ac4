import { z } from 'zod'

const PORT = 'expected a port from 0 to 65535'
const port = z.int(PORT).min(0, PORT).max(65_535, PORT)
const depotId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and "-", at most 63')
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected SHA-256 as 64 lower-case hex digits')

/** A secret stands in the environment or a file, or only its hash is given. */
export const Credential = z.union(
  [
    z.strictObject({ sha256 }),
    z.strictObject({ password_env: z.string().min(1) }),
    z.strictObject({ password_file: z.string().min(1) }),
  ],
  'expected one of sha256, password_env, password_file',
)

/** Everything the fleet cloud can be told. Paths are relative to the file. */
export const CloudConfig = z.strictObject({
  fleet: z.strictObject({ name: z.string().min(1).max(80) }),
  data_folder: z.string().min(1),
  http: z.strictObject({
    host: z.string().default('127.0.0.1'),
    port: port.default(8090),
    /** Host names by which browsers reach it, beside the one it listens on. */
    names: z.array(z.string()).default([]),
    /** Who may read when it does not listen on loopback. */
    tokens: z
      .array(z.strictObject({ name: z.string().min(1), sha256, role: z.literal('viewer') }))
      .default([]),
  }),
  mqtt: z.strictObject({
    host: z.string().default('127.0.0.1'),
    port: port.default(8884),
    tls: z.strictObject({ key: z.string().min(1), cert: z.string().min(1) }).optional(),
  }),
  database: z.union(
    [
      z.strictObject({ kind: z.literal('embedded') }),
      z.strictObject({ url: z.string().startsWith('postgres') }),
      z.strictObject({ url_env: z.string().min(1) }),
    ],
    'expected kind: embedded, or url, or url_env',
  ),
  depots: z
    .array(
      z.strictObject({
        id: depotId,
        name: z.string().min(1).max(80),
        /** Two while one replaces the other. */
        credentials: z.array(Credential).min(1).max(2),
      }),
    )
    .min(1),
})

export type Credential = z.infer<typeof Credential>
export type CloudConfig = z.infer<typeof CloudConfig>
export type CloudConfigInput = z.input<typeof CloudConfig>

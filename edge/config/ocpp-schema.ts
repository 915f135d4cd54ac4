import { z } from 'zod'
import { listen } from './words.ts'

/** Where stations connect. */
export const ocpp = z.strictObject({
  listen: listen.describe('plain WebSocket: security profiles 0 and 1'),
  tls: z
    .strictObject({
      listen,
      names: z
        .array(z.string().regex(/^[A-Za-z0-9.:-]+$/, 'a host name or an address'))
        .min(1)
        .describe("names and addresses that stations use for us; the depot's own authority certifies them"),
      operator: z.string().min(1).max(64).describe('organisation in every certificate'),
    })
    .optional()
    .describe('TLS: security profiles 2 and 3; absent: none'),
})

/** How a station proves itself. */
export const securityProfile = z
  .union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])
  .describe('0 nothing (raises a warning), 1 secret, 2 secret over TLS, 3 client certificate')

import { z } from 'zod'
import { id, listen, secret } from './words.ts'

/** A topic filter whose first level is a name: nobody may ask for everything, nor for the broker's own `$` topics. */
const filter = z
  .string()
  .max(128)
  .regex(
    /^[a-z0-9-]+(\/([A-Za-z0-9._-]+|\+))*(\/#)?$/,
    'a topic filter whose first level is a name, such as sensors/1/+',
  )

/** The MQTT broker for devices on the depot's LAN. */
export const broker = z.strictObject({
  listen,
  tls: z
    .strictObject({ key_file: z.string(), cert_file: z.string() })
    .optional()
    .describe('PEM files; needed where other machines reach it'),
  devices: z
    .array(
      z.strictObject({
        id: id.describe('source id, MQTT client id and user name in one'),
        secret,
        read: z.array(filter).default([]).describe('topics it may read'),
      }),
    )
    .default([]),
})

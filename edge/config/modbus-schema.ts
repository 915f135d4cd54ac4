import { z } from 'zod'

const unit = z.int().min(1).max(247)
const socket = { host: z.string(), port: z.int().min(1).max(65535) }

/** A number that the kernel gives out anew at each start names another adapter after the next one. */
const device = z
  .string()
  .regex(/^\//, 'an absolute path')
  .refine(
    (path) => !/^\/dev\/tty(USB|ACM)\d+$/.test(path),
    'a path that stays, such as /dev/serial/by-id/…: this number may name another adapter after a restart',
  )

/** The ways to a meter that speaks Modbus. */
export const modbusWays = {
  modbus_tcp: z.strictObject({ ...socket, unit: z.int().min(0).max(255) }).optional(),
  modbus_rtu: z
    .strictObject({
      device,
      baud: z.int().min(1200).max(115_200).optional().describe("the profile's if absent"),
      parity: z.enum(['none', 'even', 'odd']).optional().describe("the profile's if absent"),
      stop_bits: z
        .union([z.literal(1), z.literal(2)])
        .optional()
        .describe("the profile's if absent"),
      unit,
    })
    .optional()
    .describe('a serial port of this machine'),
  modbus_rtu_tcp: z
    .strictObject({ ...socket, unit })
    .optional()
    .describe('a converter that passes serial frames on; one that speaks Modbus TCP is modbus_tcp'),
}

const ratio = z.number().positive().max(10_000)

/** What the site knows better than a meter's profile. */
export const modbusOverride = z
  .strictObject({
    address_offset: z.int().min(-1).max(1).optional().describe('added to each address'),
    word_order: z.enum(['high-first', 'low-first']).optional(),
    max_read: z.int().min(2).max(125).optional().describe('registers a request may ask for'),
    ct_ratio: ratio.optional().describe('where the meter does not know its current transformers'),
    vt_ratio: ratio.optional().describe('where the meter does not know its voltage transformers'),
    frequency_scale: z.number().positive().optional().describe('raw times scale is Hz, where models differ'),
    model: z.string().min(1).optional().describe('one of the profile'),
    serial_number: z
      .string()
      .min(1)
      .optional()
      .describe('what the device must say; otherwise what it said first'),
    sunspec_instance: z.int().min(1).optional().describe('which of several equal models'),
    phases: z
      .tuple([z.enum(['l1', 'l2', 'l3']), z.enum(['l1', 'l2', 'l3']), z.enum(['l1', 'l2', 'l3'])])
      .refine((phases) => new Set(phases).size === 3, 'each conductor once')
      .optional()
      .describe("site conductor of the meter's L1, L2, L3"),
  })
  .optional()

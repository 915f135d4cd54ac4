import { z } from 'zod'

const time = z.iso.datetime()

/** `GET /api/v1/messages`: OCPP frames between the depot and its stations, newest first. */
export const MessagesQuery = z.object({
  station: z.string().min(1).max(200).optional(),
  action: z.string().min(1).max(100).optional().describe('of an answer: that of its call'),
  direction: z.enum(['in', 'out']).optional().describe('in came from the station'),
  kind: z.enum(['call', 'result', 'error', 'unreadable']).optional(),
  text: z.string().min(1).max(200).optional().describe('part of the frame'),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  before: z.coerce.number().int().positive().optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

/** One frame, passwords and keys masked. */
export const MessageView = z.object({
  id: z.int(),
  at: time,
  station: z.string(),
  connection: z.int(),
  direction: z.enum(['in', 'out']),
  kind: z.enum(['call', 'result', 'error', 'unreadable']),
  message_id: z.string().nullable(),
  action: z.string().nullable(),
  error_code: z.string().nullable(),
  /** Of an answer: time since its call. */
  duration_ms: z.int().nullable(),
  text: z.string(),
  /** Length of the whole frame; `text` is shorter when it is cut. */
  length: z.int(),
})

export const MessagesView = z.object({
  at: time,
  messages: z.array(MessageView),
  /** Where to go on with `before`; null when all was looked at. */
  next: z.int().nullable(),
  disk: z.object({
    messages: z.int(),
    bytes: z.number(),
    cap_bytes: z.number(),
    from: time.nullable(),
    /** Frames that could not be kept since the start. */
    dropped: z.int(),
  }),
})

export type MessagesQuery = z.infer<typeof MessagesQuery>
export type MessagesView = z.infer<typeof MessagesView>

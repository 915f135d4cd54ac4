import { z } from 'zod'

const Status = z.enum(['accepted', 'rejected', 'not-sent', 'unanswered'])

/** EVSE 0 is any of the station's. */
export const ReservationRequest = z.strictObject({
  station: z.string().min(1).max(48),
  evse: z.int().min(0).max(1000).default(0),
  id_token: z.string().trim().min(1).max(36),
  expires_at: z.iso.datetime({ offset: true }),
})
/** `reason`: the station's own word for a refusal, such as Occupied. */
export const ReservationAnswer = z.object({
  reservation: z.int(),
  status: Status,
  reason: z.string().nullable(),
})
/** `unanswered`: nobody can say whether the station keeps it. */
export const ReservationView = z.object({
  reservation: z.int(),
  station: z.string(),
  evse: z.int(),
  id_token: z.string(),
  group: z.string().nullable(),
  expires_at: z.string(),
  state: z.enum(['asked', 'accepted', 'unanswered']),
  by: z.string(),
})
export const ReservationsView = z.object({ at: z.string(), reservations: z.array(ReservationView) })

/** What came of bringing a station's local list up to date. `none`: it was. */
export const LocalListAnswer = z.object({
  status: Status,
  version: z.int(),
  update: z.enum(['Full', 'Differential', 'none']),
  sent: z.int(),
  reason: z.string().nullable(),
})
/** What a station's local list holds as far as is known; not `sure`: nobody can say. */
export const LocalListView = z.object({
  station: z.string(),
  version: z.int(),
  sure: z.boolean(),
  id_tokens: z.array(z.string()),
  answer: Status.nullable(),
  reason: z.string().nullable(),
})

export type ReservationView = z.infer<typeof ReservationView>
export type LocalListView = z.infer<typeof LocalListView>

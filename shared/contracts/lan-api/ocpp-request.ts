import { z } from 'zod'

/** The message's payload, as the station's version of OCPP has it. */
export const OcppPayload = z.record(z.string().max(100), z.unknown())

/** The station's own words: its answer, or its error. */
export const OcppAnswer = z.union([
  z.strictObject({ result: z.record(z.string(), z.unknown()) }),
  z.strictObject({ error: z.strictObject({ code: z.string(), description: z.string() }) }),
])

/** A command that waits for its station, or for its answer. */
export const WaitingCommand = z.object({
  command: z.string(),
  station: z.string(),
  kind: z.string(),
  asked_at: z.string(),
  /** Given up from then on; null: it is under way and never waits. */
  expires_at: z.string().nullable(),
  by: z.string(),
})
export const CommandsView = z.object({ at: z.string(), commands: z.array(WaitingCommand) })

export type OcppAnswer = z.infer<typeof OcppAnswer>
export type WaitingCommand = z.infer<typeof WaitingCommand>

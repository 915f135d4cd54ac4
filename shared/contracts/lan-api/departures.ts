import { z } from 'zod'

/** One vehicle's next departure. Give at most one need; with none the vehicle is charged as full as time allows. */
export const DepartureRequest = z
  .strictObject({
    vehicle: z.string().min(1).max(64),
    departure_at: z.iso.datetime({ offset: true }),
    energy_needed_wh: z.number().min(0).max(5_000_000).optional(),
    soc_needed_pct: z.number().min(0).max(100).optional(),
  })
  .refine((d) => d.energy_needed_wh === undefined || d.soc_needed_pct === undefined, {
    message: 'give energy_needed_wh or soc_needed_pct, not both',
  })

/** `PUT /api/v1/departures`: sets these departures; vehicles not named keep theirs. */
export const PutDepartures = z.strictObject({ departures: z.array(DepartureRequest).min(1).max(1000) })

export const DeparturesAnswer = z.object({ accepted: z.array(z.string()), unknown: z.array(z.string()) })

export type DepartureRequest = z.infer<typeof DepartureRequest>
export type PutDepartures = z.infer<typeof PutDepartures>
export type DeparturesAnswer = z.infer<typeof DeparturesAnswer>

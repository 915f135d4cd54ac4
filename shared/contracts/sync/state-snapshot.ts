import { z } from 'zod'

const time = z.iso.datetime()

/** The depot's retained live picture for the fleet cloud; it replaces the last one and is never history. */
export const StateSnapshot = z.object({
  v: z.literal(1),
  epoch: z.string(),
  boot_id: z.string(),
  /** Counts up within a boot. */
  n: z.int(),
  as_of: time,
  clock: z.enum(['synced', 'estimated', 'unsynced']),
  facts_head: z.int(),
  depot: z.object({ name: z.string(), virtual: z.boolean(), time_zone: z.string() }),
  incidents_total: z.int(),
  incidents: z
    .array(
      z.object({
        id: z.string(),
        code: z.string(),
        severity: z.int().min(1).max(4),
        subject: z.object({ type: z.string(), id: z.string() }),
        opened_at: time,
        text: z.string(),
      }),
    )
    .max(200),
  site: z.object({
    import_w: z.number().nullable(),
    building_w: z.number().nullable(),
    vehicles_w: z.number().nullable(),
    held_w: z.number(),
    limit_w: z.number(),
    headroom_w: z.number().nullable(),
    binding: z.string().nullable(),
    meter_quality: z.enum(['live', 'hold', 'reserve', 'static']),
    meter_age_ms: z.number().nullable(),
  }),
  stations: z.object({
    total: z.int(),
    online: z.int(),
    charging: z.int(),
    faulted: z.int(),
    offline_reserved: z.int(),
  }),
  /** Vehicles at an EVSE, and how many draw power. */
  vehicles: z.object({ connected: z.int(), charging: z.int() }),
  departures: z.object({
    ready: z.int(),
    on_track: z.int(),
    at_risk: z.int(),
    not_ready: z.int(),
    no_data: z.int(),
    next: z.object({ vehicle: z.string(), at: time, readiness: z.string() }).nullable(),
  }),
  /** station, EVSE, state, power_w, soc_pct, vehicle; absent is null, never 0. */
  evses: z.array(
    z.tuple([
      z.string(),
      z.int(),
      z.string(),
      z.number().nullable(),
      z.number().nullable(),
      z.string().nullable(),
    ]),
  ),
})
export type StateSnapshot = z.infer<typeof StateSnapshot>

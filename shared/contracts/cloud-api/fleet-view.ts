import { z } from 'zod'
import { StateSnapshot } from '../sync/state-snapshot.ts'

/** Version of the cloud API's shapes; raised with any change, noted in history.md. */
export const CLOUD_API_VERSION = 1

const time = z.iso.datetime()

/** `never`: provisioned, not heard of yet. `delayed` after 90 s, `offline` after 5 min without a heartbeat. */
export const DepotLink = z.object({
  state: z.enum(['live', 'delayed', 'offline', 'never']),
  /** When this state began. */
  since: time.nullable(),
  last_heard_at: time.nullable(),
})

export const DepotView = z.object({
  id: z.string(),
  name: z.string(),
  virtual: z.boolean(),
  link: DepotLink,
  /** When the values below were true at the depot; null before the first. */
  as_of: time.nullable(),
  /** Age of the values at the view's `at`. */
  age_ms: z.number().nullable(),
  /** The depot's last picture; null before the first. */
  snapshot: StateSnapshot.nullable(),
  /** Import of the last hour, one point a minute at most. */
  trend: z.array(z.object({ at: time, import_w: z.number().nullable() })),
  facts: z.object({
    /** Highest fact number committed here. */
    committed: z.int(),
    /** Facts the depot says it has and we do not. */
    missing: z.int().nullable(),
    last_committed_at: time.nullable(),
    quarantined: z.int(),
  }),
  /** From committed facts, since the last local noon of the depot. */
  energy_wh: z.number(),
  transactions: z.object({ running: z.int(), since_noon: z.int() }),
})

export const FleetView = z.object({
  version: z.literal(CLOUD_API_VERSION),
  fleet: z.object({ name: z.string() }),
  at: time,
  clock: z.object({ scale: z.number() }),
  depots: z.array(DepotView),
})

export type DepotLink = z.infer<typeof DepotLink>
export type DepotView = z.infer<typeof DepotView>
export type FleetView = z.infer<typeof FleetView>

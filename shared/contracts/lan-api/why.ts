import { z } from 'zod'
import { OverrideView } from './manual.ts'

const time = z.iso.datetime()

/** What fills a row, as one EVSE sees it; A or W. */
export const RowAccountView = z.object({
  /** `CIRCUIT/l1`, `CIRCUIT/power`, `CIRCUIT/operating-l1` … */
  row: z.string(),
  name: z.string(),
  unit: z.enum(['A', 'W']),
  /** `protect` is a breaker, cable or winding; `contract` an agreed limit. */
  duty: z.enum(['protect', 'contract']),
  /** Whether EVSEs count at their shares, or at the most that they may draw already. */
  counted: z.enum(['shares', 'holds']),
  limit: z.number(),
  building: z.number(),
  others: z.number(),
  other_count: z.int(),
  own: z.number(),
  /** building + others + own. */
  used: z.number(),
  /** What a step more of this EVSE alone would add; with it, `limit` would be passed. */
  step: z.number(),
})

/** `GET /api/v1/evses/{station}/{evse}/why`: one true sentence and its figures. */
export const WhyView = z.object({
  at: time,
  station: z.string(),
  evse: z.int(),
  label: z.string(),
  state: z.string(),
  code: z.string(),
  sentence: z.string(),
  /** The same on one line of a card. */
  short: z.string(),
  /** The unit of `limit` and `share`: A per phase, or W of DC output. */
  unit: z.enum(['A', 'W']),
  /** The limit after the last decision, and what it is to get; null without a transaction. */
  limit: z.number().nullable(),
  share: z.number().nullable(),
  /** The row that holds it, when one does. */
  row: RowAccountView.nullable(),
  /** Other rows on which a step more would not fit either. */
  also: z.array(RowAccountView),
  /** What would let it have more, and when if that is known. */
  frees: z.object({ what: z.string(), at: time.nullable() }).nullable(),
  override: OverrideView.nullable(),
})

/** `GET /api/v1/evses/{station}/{evse}/why/history`: sentences of a day, newest first; each held until the next. */
export const WhyHistoryView = z.object({
  at: time,
  reasons: z.array(
    z.object({ at: time, code: z.string(), row: z.string().nullable(), sentence: z.string() }),
  ),
})

/** `GET /api/v1/decisions`: decisions of two weeks that sent limits, newest first, and the disk they take. */
export const DecisionsView = z.object({
  at: time,
  decisions: z.array(z.object({ id: z.int(), at: time, moves: z.int() })),
  disk: z.object({
    decisions: z.int(),
    bytes: z.number(),
    cap_bytes: z.number(),
    from: time.nullable(),
    dropped: z.int(),
  }),
})

export type RowAccountView = z.infer<typeof RowAccountView>
export type WhyView = z.infer<typeof WhyView>
export type WhyHistoryView = z.infer<typeof WhyHistoryView>
export type DecisionsView = z.infer<typeof DecisionsView>

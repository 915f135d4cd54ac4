import { z } from 'zod'

const time = z.iso.datetime()

/** `GET /api/v1/stations/{station}/variables`: the device model, as far as the station has told it. */
export const VariablesView = z.object({
  station: z.string(),
  at: time,
  /** When the newest value was told; null when none was. */
  as_of: time.nullable(),
  /** The newest full inventory came whole: nothing is missing. */
  complete: z.boolean(),
  /** The station has more variables than are kept. */
  overfull: z.boolean(),
  reports: z.array(
    z.object({
      request: z.int(),
      /** What was asked for; null while that is not known. */
      base: z
        .enum(['FullInventory', 'ConfigurationInventory', 'SummaryInventory', 'custom', 'monitoring'])
        .nullable(),
      started_at: time,
      parts: z.int(),
      missing_parts: z.array(z.int()),
      whole: z.boolean(),
    }),
  ),
  variables: z.array(
    z.object({
      component: z.object({
        name: z.string(),
        instance: z.string().nullable(),
        evse: z.int().nullable(),
        connector: z.int().nullable(),
      }),
      variable: z.object({ name: z.string(), instance: z.string().nullable() }),
      attributes: z.array(
        z.object({
          type: z.enum(['Actual', 'Target', 'MinSet', 'MaxSet']),
          /** Null: not told, write-only, or a secret that is not kept. */
          value: z.string().nullable(),
          mutability: z.enum(['ReadOnly', 'WriteOnly', 'ReadWrite']).nullable(),
        }),
      ),
      characteristics: z
        .object({
          data_type: z.string().nullable(),
          unit: z.string().nullable(),
          min: z.number().nullable(),
          max: z.number().nullable(),
          values: z.string().nullable(),
        })
        .nullable(),
      monitors: z
        .array(
          z.object({
            id: z.int(),
            type: z.string(),
            severity: z.number().nullable(),
            value: z.number().nullable(),
            transaction: z.boolean(),
          }),
        )
        .nullable(),
      source: z.enum(['report', 'monitoring', 'read', 'set']),
      /** When it was told last. */
      at: time,
    }),
  ),
})

export type VariablesView = z.infer<typeof VariablesView>

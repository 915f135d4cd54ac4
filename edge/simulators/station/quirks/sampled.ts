import { z } from 'zod'
import type { Said } from './quirk.ts'

const Sampled = z.record(z.string(), z.unknown())
const Values = z.array(z.object({ sampledValue: z.array(Sampled) }).loose())

/** One sampled value as it stands in a message. */
export type Sampled = z.infer<typeof Sampled>

/** A message with every sampled value in it told otherwise, or with others in its place. */
export function sampledIn(said: Said, told: (one: Sampled) => readonly Sampled[]): Said {
  const payload = Object.fromEntries(
    Object.entries(said.payload).map(([member, value]) => {
      const values = member === 'meterValue' || member === 'transactionData' ? Values.safeParse(value) : null
      if (!values?.success) return [member, value]
      return [member, values.data.map((one) => ({ ...one, sampledValue: one.sampledValue.flatMap(told) }))]
    }),
  )
  return { ...said, payload }
}

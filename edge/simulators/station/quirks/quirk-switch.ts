import { z } from 'zod'
import type { Quirk, Switch } from './quirk.ts'

/** A switch whose values have this shape. */
export const quirkSwitch = <T>(shape: z.ZodType<T>, make: (value: T) => Quirk): Switch => ({
  problem(value) {
    const read = shape.safeParse(value)
    return read.success ? null : z.prettifyError(read.error)
  },
  make: (value) => make(shape.parse(value)),
})

/** A switch that is on or off. */
export const flagSwitch = (quirk: () => Quirk): Switch =>
  quirkSwitch(z.boolean(), (on) => (on ? quirk() : {}))

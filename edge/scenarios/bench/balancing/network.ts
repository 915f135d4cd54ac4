import { readFileSync } from 'node:fs'
import { DepotError } from '@busbar/model/depot-error.ts'
import { z } from 'zod'

const Evse = z.object({
  id: z.string(),
  voltage_V: z.number().positive().default(208),
  phase_angle_deg: z.number().default(0),
  min_A: z.number().nonnegative().default(0),
  max_A: z.number().positive(),
  continuous: z.boolean().default(false),
  allowed_A: z.array(z.number().nonnegative()).default([]),
})

const Constraint = z.object({
  name: z.string(),
  limit_A: z.number(),
  coeff: z.record(z.string(), z.number()),
})

const NetworkFile = z.object({
  transformer_kW: z.number().positive().optional(),
  evses: z.array(Evse).min(1),
  constraints: z.array(Constraint),
})

export interface BenchEvse {
  readonly id: string
  readonly voltageV: number
  readonly angleDeg: number
  readonly maxA: number
  /** Set-points above 0 in rising order; empty when any value from `minA` on will do. */
  readonly steps: readonly number[]
  /** Lowest set-point above 0. */
  readonly minA: number
}

/** |Σ (re + j im)·I| ≤ limitA, over the EVSEs of the network by index. */
export interface PhasorLimit {
  readonly name: string
  readonly limitA: number
  readonly re: Float64Array
  readonly im: Float64Array
}

export interface Network {
  readonly evses: readonly BenchEvse[]
  readonly limits: readonly PhasorLimit[]
  /** What the file's limits are made for; null when it does not say. */
  readonly transformerKw: number | null
}

/**
 * A network file: its EVSEs with their set-points, and its limits on phasor sums.
 * @throws DepotError `bench.network` when the file is none, or a limit names an EVSE that is not there
 */
export function readNetwork(file: URL | string): Network {
  const parsed = NetworkFile.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.success) throw new DepotError('bench.network', z.prettifyError(parsed.error))
  const { evses, constraints, transformer_kW } = parsed.data
  const places = new Map(evses.map(({ id }, place) => [id, place]))
  return {
    evses: evses.map(toEvse),
    limits: constraints.map(({ name, limit_A, coeff }) => {
      const limit = { name, limitA: limit_A, re: zeros(evses.length), im: zeros(evses.length) }
      for (const [id, factor] of Object.entries(coeff)) {
        const place = places.get(id)
        if (place === undefined)
          throw new DepotError('bench.network', `${name} names ${id}, which is no EVSE`)
        const angle = ((evses[place]?.phase_angle_deg ?? 0) * Math.PI) / 180
        limit.re[place] = factor * Math.cos(angle)
        limit.im[place] = factor * Math.sin(angle)
      }
      return limit
    }),
    transformerKw: transformer_kW ?? null,
  }
}

const zeros = (length: number): Float64Array => new Float64Array(length)

function toEvse({ id, voltage_V, phase_angle_deg, ...of }: z.infer<typeof Evse>): BenchEvse {
  const steps = of.continuous ? [] : of.allowed_A.filter((amps) => amps > 0 && amps <= of.max_A)
  const sorted = [...new Set(steps)].sort((a, b) => a - b)
  const minA = sorted[0] ?? of.min_A
  return { id, voltageV: voltage_V, angleDeg: phase_angle_deg, maxA: of.max_A, steps: sorted, minA }
}

/** Limits of a transformer of another size, by their names; where none is named so, all but those of pods and panels. */
export function withTransformer(network: Network, kw: number): Network {
  if (network.transformerKw === null)
    throw new DepotError('bench.network', 'the file gives no transformer_kW to scale from')
  const scale = kw / network.transformerKw
  const named = network.limits.filter(({ name }) => /secondary|primary|transformer/i.test(name))
  const scaled = new Set(
    named.length > 0 ? named : network.limits.filter(({ name }) => !/pod|panel/i.test(name)),
  )
  return {
    ...network,
    limits: network.limits.map((limit) =>
      scaled.has(limit) ? { ...limit, limitA: limit.limitA * scale } : limit,
    ),
    transformerKw: kw,
  }
}

/** The same network with EVSEs that take any current up to their maximum. */
export const idealised = (network: Network): Network => ({
  ...network,
  evses: network.evses.map((evse) => ({ ...evse, steps: [], minA: 0 })),
})

import type { Series, SeriesBucket, SeriesSample } from '../../domain/ports/series.ts'

/** A week of minutes, or some minutes of samples: what the worker may spend before it commits again. */
const PIECE_MS = 7 * 86_400_000
const SAMPLE_PIECE_MS = 15 * 60_000
/** Edges in one piece. */
const PIECE_EDGES = 2_000

type Reads = Pick<Series, 'buckets' | 'samples'>

/** Asks for a long range piece by piece, so that commits go on in between. */
export const inPieces = (ask: Reads): Reads => ({
  async buckets({ source, quantity, edges }) {
    const buckets: SeriesBucket[] = []
    for (let from = 0; from < edges.length - 1; ) {
      const start = edges[from] ?? 0
      let to = from + 1
      while (to < edges.length - 1 && to - from < PIECE_EDGES && (edges[to + 1] ?? 0) - start <= PIECE_MS)
        to++
      buckets.push(...(await ask.buckets({ source, quantity, edges: edges.slice(from, to + 1) })))
      from = to
    }
    return buckets
  },
  async samples({ source, quantity, from, to, limit }) {
    const samples: SeriesSample[] = []
    for (let at = from; at < to && samples.length < limit; ) {
      const next = Math.min(at + SAMPLE_PIECE_MS, to) as typeof to
      samples.push(
        ...(await ask.samples({ source, quantity, from: at, to: next, limit: limit - samples.length })),
      )
      at = next
    }
    return samples
  },
})

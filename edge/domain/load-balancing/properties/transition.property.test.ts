import fc from 'fast-check'
import { describe } from 'vitest'
import { type Allocation, allocate } from '../allocate.ts'
import type { SiteSnapshot, SnapshotEvse } from '../snapshot.ts'
import { type Move, type Transition, transition } from '../transition.ts'
import { anySite } from './any-site.ts'
import { provesOf } from './proves.ts'

type Transitioner = (snapshot: SiteSnapshot, shares: Allocation) => Transition

/** The same decision made from another view: what a transition with one mistake would see. */
const seeing =
  (change: (evse: SnapshotEvse) => SnapshotEvse): Transitioner =>
  (snapshot, shares) =>
    transition({ ...snapshot, evses: snapshot.evses.map(change) }, shares)

const MUTANTS = {
  'counts only the newest limit, not what is in flight': seeing((evse) => ({
    ...evse,
    hold: evse.steerable ? Math.max(evse.current ?? 0, 0) : evse.hold,
  })),
  'counts nothing for stations out of reach': seeing((evse) =>
    evse.steerable ? evse : { ...evse, hold: 0, expected: 0 },
  ),
  'takes relief on protected rows for granted': (snapshot, shares) =>
    transition(
      { ...snapshot, rows: snapshot.rows.map((row) => ({ ...row, duty: 'contract' as const })) },
      shares,
    ),
  'counts what a decrease frees at once': seeing((evse) => ({
    ...evse,
    hold: Math.min(evse.hold, evse.fallback),
  })),
  'knows no rest': seeing((evse) => ({ ...evse, resting: false })),
  'believes every meter': (snapshot, shares) =>
    transition({ ...snapshot, rows: snapshot.rows.map((row) => ({ ...row, mayRise: true })) }, shares),
  'starts up at once': (snapshot, shares) => transition({ ...snapshot, mayRise: true }, shares),
  'tells everyone again': (snapshot, shares) => {
    const told = transition(snapshot, shares)
    const more = snapshot.evses.flatMap(({ key, current, steerable }): Move[] =>
      steerable && current !== null ? [{ key, level: current, kind: 'decrease' }] : [],
    )
    return { ...told, moves: [...told.moves, ...more] }
  },
} as const satisfies Record<string, Transitioner>

const mutants = (...names: readonly (keyof typeof MUTANTS)[]): Record<string, Transitioner> =>
  Object.fromEntries(names.map((name) => [name, MUTANTS[name]]))

/** The most that a protect row can carry while everyone may draw anything up to `most`: its worst corner. */
function worst(snapshot: SiteSnapshot, row: number, most: (evse: SnapshotEvse) => number): number {
  let sum = 0
  for (const evse of snapshot.evses)
    for (const c of evse.loads)
      if (c.row === row && c.perLevel > 0) {
        const level = most(evse)
        sum += Math.ceil(
          (c.grid === undefined ? level : Math.ceil(level / c.grid) * c.grid) * c.perLevel - 1e-6,
        )
      }
  return sum
}

/** Whether every protect row that fitted before still fits when these messages have arrived and nothing is released. */
function safeAfter(snapshot: SiteSnapshot, messages: readonly Move[]): boolean {
  const levels = new Map(messages.map(({ key, level }) => [key, level]))
  const after = (evse: SnapshotEvse) => Math.max(evse.hold, levels.get(evse.key) ?? 0)
  return snapshot.rows.every(({ duty, capacity }, row) => {
    if (duty !== 'protect' || worst(snapshot, row, ({ hold }) => hold) > capacity) return true
    return worst(snapshot, row, after) <= capacity
  })
}

/** What stations hold after they took in the messages; a lowered one counts as before until it is proven. */
const taken = (snapshot: SiteSnapshot, moves: readonly Move[]): SiteSnapshot => {
  const levels = new Map(moves.map(({ key, level }) => [key, level]))
  return {
    ...snapshot,
    evses: snapshot.evses.map((evse) => {
      const level = levels.get(evse.key)
      return level === undefined ? evse : { ...evse, current: level, hold: Math.max(evse.hold, level) }
    }),
  }
}

describe('the messages of any decision', () => {
  provesOf(
    '1: keep every row safe after each of their beginnings and any part of them',
    {
      drawn: fc.tuple(anySite(), fc.array(fc.boolean(), { minLength: 20, maxLength: 20 })),
      holds: (decide: Transitioner, [snapshot, arrives]) => {
        const { moves } = decide(snapshot, allocate(snapshot))
        if (!moves.some(({ kind }) => kind === 'raise')) return null
        const part = moves.filter((_, index) => arrives[index % arrives.length] === true)
        const beginnings = moves.slice(0, 40).map((_, count) => moves.slice(0, count + 1))
        return [part, moves, ...beginnings].every((messages) => safeAfter(snapshot, messages))
      },
      runs: 300,
    },
    {
      subject: transition,
      mutants: mutants(
        'counts only the newest limit, not what is in flight',
        'counts nothing for stations out of reach',
        'takes relief on protected rows for granted',
        'counts what a decrease frees at once',
      ),
      saying: 0.3,
    },
  )

  provesOf(
    '21: are safe on rows that some relieve at their worst corner: whoever relieves them may stop',
    {
      drawn: anySite({ most: 60, faults: false }),
      holds: (decide: Transitioner, snapshot) => {
        const signed = snapshot.rows.flatMap(({ id, duty }, row) =>
          duty === 'protect' && id.startsWith('primary') ? [row] : [],
        )
        if (signed.length === 0) return null
        const { moves } = decide(snapshot, allocate(snapshot))
        const levels = new Map(moves.map(({ key, level }) => [key, level]))
        // Every group of one angle on or off: 8 corners for three pairs of conductors.
        const most = (evse: SnapshotEvse) => Math.max(evse.hold, levels.get(evse.key) ?? 0)
        return [0, 1, 2, 3, 4, 5, 6, 7].every((corner) =>
          signed.every((row) => {
            const sum = (level: (evse: SnapshotEvse) => number) =>
              snapshot.evses.reduce((total, evse) => {
                const c = evse.loads.find((load) => load.row === row)
                const group = evse.loads.find((load) => load.row === signed[0])?.perLevel ?? 0
                const on =
                  group > 0.5 ? 1 : evse.loads.some((l) => l.row === signed[3] && l.perLevel > 0) ? 2 : 4
                return total + ((corner & on) === 0 ? 0 : (c?.perLevel ?? 0) * level(evse))
              }, 0)
            const capacity = snapshot.rows[row]?.capacity ?? 0
            return worst(snapshot, row, ({ hold }) => hold) > capacity || sum(most) <= capacity + 1
          }),
        )
      },
      runs: 250,
    },
    { subject: transition, mutants: mutants('takes relief on protected rows for granted'), saying: 0.1 },
  )

  provesOf(
    '12: are none when the same present comes again with them taken in',
    {
      drawn: anySite(),
      holds: (decide: Transitioner, snapshot) => {
        const shares = allocate(snapshot)
        const { moves } = decide(snapshot, shares)
        const again = decide(taken(snapshot, moves), shares).moves
        return again.length === 0
      },
    },
    { subject: transition, mutants: mutants('tells everyone again') },
  )

  provesOf(
    '13: raise nobody who has just been changed',
    {
      drawn: anySite(),
      holds: (decide: Transitioner, snapshot) => {
        const { moves } = decide(snapshot, allocate(snapshot))
        const rests = new Set(snapshot.evses.flatMap(({ key, resting }) => (resting ? [key] : [])))
        return rests.size === 0 ? null : moves.every(({ key, kind }) => kind !== 'raise' || !rests.has(key))
      },
    },
    { subject: transition, mutants: mutants('knows no rest') },
  )

  provesOf(
    '15: raise nobody on a row whose meter is not live, and nobody before the start is over',
    {
      drawn: fc.tuple(anySite(), fc.boolean()),
      holds: (decide: Transitioner, [site, mayRise]) => {
        const snapshot = { ...site, mayRise }
        const raised = new Set(
          decide(snapshot, allocate(snapshot)).moves.flatMap(({ key, kind }) =>
            kind === 'raise' ? [key] : [],
          ),
        )
        return snapshot.evses.every(({ key, loads }) => {
          const blind = loads.some((c) => c.perLevel > 0 && snapshot.rows[c.row]?.mayRise === false)
          return !raised.has(key) || (mayRise && !blind)
        })
      },
    },
    { subject: transition, mutants: mutants('believes every meter', 'starts up at once') },
  )
})

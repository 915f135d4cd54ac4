import { as, evseKey, type StationId } from '@busbar/model/ids.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allocate } from './allocate.ts'
import { recordOf, replay } from './decision-record.ts'
import { exampleSnapshot } from './example-snapshot.ts'
import { type Decided, type Explanation, explainAll } from './explain.ts'
import { sentenceOf } from './explain-words.ts'
import { recordFrom, recordText } from './record-text.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'
import { transition } from './transition.ts'

const numbers = fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 120 })
const decide = (snapshot: SiteSnapshot): Decided => {
  const shares = allocate(snapshot)
  return { snapshot, shares, transition: transition(snapshot, shares) }
}

/** Own arithmetic: the next level on the EVSE's grid. */
const stepAfter = (evse: SnapshotEvse, level: number): number =>
  evse.levels === undefined
    ? Math.max(Math.max(1, Math.ceil(evse.min / evse.step)) * evse.step, level + evse.step)
    : (evse.levels.find((each) => each > level && each >= evse.min) ?? Number.POSITIVE_INFINITY)

/** Own arithmetic: load of a row when one EVSE is at `level` and all others at their shares. */
function loadWith({ snapshot, shares }: Decided, of: { row: number; key: string; level: number }): number {
  const contract = snapshot.rows[of.row]?.duty === 'contract'
  return snapshot.evses.reduce((sum, evse) => {
    const given =
      evse.key === of.key ? of.level : evse.steerable ? (shares.get(evse.key)?.level ?? 0) : evse.expected
    const level = evse.steerable ? Math.max(given, evse.stuck) : given
    return evse.loads.reduce((load, c) => {
      if (c.row !== of.row) return load
      if (c.perLevel < 0 && !(contract && evse.steerable)) return load
      const counts = c.grid === undefined ? level : Math.ceil(level / c.grid - 1e-9) * c.grid
      return load + Math.ceil(c.perLevel * counts - 1e-6)
    }, sum)
  }, 0)
}

/** Own arithmetic: load of a protect row when one EVSE may draw `level` and all others what they may, raises counted. */
function worstWith(
  { snapshot, transition }: Decided,
  of: { row: number; key: string; level: number },
): number {
  if (snapshot.rows[of.row]?.duty === 'contract') return Number.POSITIVE_INFINITY
  return snapshot.evses.reduce((sum, evse) => {
    const raised = transition.moves.find(({ key, kind }) => key === evse.key && kind === 'raise')?.level ?? 0
    const level = evse.key === of.key ? of.level : Math.max(evse.hold, raised)
    const own = evse.loads.filter((c) => c.row === of.row && c.perLevel > 0)
    return own.reduce((load, { perLevel, grid }) => {
      const counts = grid === undefined ? level : Math.ceil(level / grid - 1e-9) * grid
      return load + Math.ceil(perLevel * counts - 1e-6)
    }, sum)
  }, 0)
}

/** What is untrue of an explanation; null when it is true. */
function untrue(decided: Decided, { key, level, share, cause, account }: Explanation): string | null {
  const { snapshot } = decided
  const evse = snapshot.evses.find((each) => each.key === key)
  if (evse === undefined) return 'no such EVSE'
  const capacity = (row: number) => snapshot.rows[row]?.capacity ?? 0
  switch (cause.kind) {
    case 'row': {
      const more = loadWith(decided, { row: cause.row, key, level: stepAfter(evse, share) })
      if (more <= capacity(cause.row)) return `a step more fits: ${more} of ${capacity(cause.row)}`
      return account?.used ===
        (snapshot.rows[cause.row]?.base ?? 0) + loadWith(decided, { row: cause.row, key, level: share })
        ? null
        : 'its figures do not add up'
    }
    case 'room': {
      if (level >= share) return 'nothing to rise to'
      const worst = worstWith(decided, { row: cause.row, key, level: Math.max(share, evse.hold) })
      return worst > capacity(cause.row) ? null : `its share fits: ${worst} of ${capacity(cause.row)}`
    }
    case 'waits':
      return share === 0 ? null : 'it is served'
    case 'max':
      return stepAfter(evse, share) > evse.max ? null : 'it asks for more'
    case 'meter':
      return snapshot.rows[cause.row]?.mayRise === false ? null : 'its meter is live'
    case 'startup':
      return snapshot.mayRise ? 'it has started up' : null
    case 'resting':
      return evse.resting && (level < share || level - share > Math.max(evse.step, level * 0.03, 500))
        ? null
        : 'it rests from nothing'
    case 'unsent':
      return decided.unsent?.has(key) === true ? null : 'its limit has left'
    case 'dead-band':
      return Math.abs(level - share) <= Math.max(evse.step, level * 0.03, 1000)
        ? null
        : 'a change worth a message'
    case 'stopped':
      return evse.turn?.kind === 'waits' && evse.turn.stopped ? null : 'it was not stopped'
    case 'fixed':
      return evse.steerable ? 'it is steered' : null
    case 'settled':
      return null
  }
}

describe('an explanation', () => {
  test('is true: a step more for this EVSE alone breaks the row or the rule it names', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(numbers, (dealt) => {
        const decided = decide(exampleSnapshot(dealt))
        for (const explanation of explainAll(decided)) {
          expect(
            untrue(decided, explanation),
            `${explanation.key} ${JSON.stringify(explanation.cause)}`,
          ).toBeNull()
          seen.set(explanation.cause.kind, (seen.get(explanation.cause.kind) ?? 0) + 1)
        }
      }),
      { seed: 5, numRuns: 1500 },
    )
    const all = [...seen.values()].reduce((sum, n) => sum + n, 0)
    // Where nothing binds nothing is proved.
    for (const kind of ['row', 'room', 'max', 'meter', 'startup', 'fixed'])
      expect(seen.get(kind), kind).toBeGreaterThan(50)
    expect((seen.get('settled') ?? 0) / all).toBeLessThan(0.01)
  })

  test('is found untrue when it names another row', () => {
    let caught = 0
    fc.assert(
      fc.property(numbers, (dealt) => {
        const decided = decide(exampleSnapshot(dealt))
        for (const explanation of explainAll(decided)) {
          if (explanation.cause.kind !== 'row') continue
          const wrong = decided.snapshot.rows.findIndex((row) => row.capacity > 1e9 || row.id === 'grid/l2')
          const named = { ...explanation, cause: { kind: 'row' as const, row: wrong } }
          if (wrong >= 0 && untrue(decided, named) !== null) caught++
        }
      }),
      { seed: 5, numRuns: 200 },
    )
    expect(caught).toBeGreaterThan(20)
  })

  test('adds up to what is shown', () => {
    fc.assert(
      fc.property(numbers, (dealt) => {
        for (const { account, also } of explainAll(decide(exampleSnapshot(dealt))))
          for (const { base, others, own, used } of [...(account === null ? [] : [account]), ...also])
            expect(base + others + own).toBe(used)
      }),
      { seed: 6, numRuns: 300 },
    )
  })

  test('says in one sentence what it gets, by which row, and what fills it', () => {
    const account = {
      row: 0,
      unit: 'A',
      counted: 'shares',
      limit: 200_000,
      base: 62_000,
      others: 120_000,
    } as const
    const text = sentenceOf(
      {
        key: evseKey(as<StationId>('CP-14'), 1),
        share: 16_000,
        also: [],
        level: 16_000,
        cause: { kind: 'row', row: 0 },
        account: { ...account, otherCount: 9, own: 16_000, used: 198_000, step: 6000 },
      },
      { evse: (key) => key, row: () => 'Panel 3, L2', level: (_, level) => `${level / 1000} A` },
    )
    expect(text).toBe('Gets 16 A: Panel 3, L2 is full (198 of 200 A: building 62, 9 others 120, this one 16)')
  })
})

describe('a recorded decision', () => {
  const record = (snapshot: SiteSnapshot) =>
    recordOf(
      { ...decide(snapshot), guarded: false },
      { at: '2026-12-01T00:00:00.000Z', names: { rows: {}, evses: {} } },
    )

  test('replays to the same shares and limits, also from its text', () => {
    fc.assert(
      fc.property(numbers, (dealt) => {
        const was = record(exampleSnapshot(dealt))
        const read = recordFrom(recordText(was))
        expect(read).toEqual(was)
        expect(replay(read).differences).toEqual([])
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  test('is found to differ when a share or a limit was another', () => {
    fc.assert(
      fc.property(numbers, (dealt) => {
        const was = record(exampleSnapshot(dealt))
        const shares = was.shares.map(
          ([key, level, bound], n) => [key, n === 0 ? level + 1 : level, bound] as const,
        )
        expect(replay({ ...was, shares }).differences).toHaveLength(1)
        const [move, ...rest] = was.moves
        if (move === undefined) return
        expect(
          replay({ ...was, moves: [{ ...move, level: move.level + 1 }, ...rest] }).differences,
        ).toHaveLength(1)
      }),
      { seed: 8, numRuns: 100 },
    )
  })

  test.each(['', '{}', '[1]', '{"version":2,"evses":{},"rows":{},"shares":[]}'])(
    '%j is no record',
    (text) => {
      expect(() => recordFrom(text)).toThrow('not a recorded decision')
    },
  )
})

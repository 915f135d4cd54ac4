import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { createMemoryDecisionLog } from '../domain/ports/decision-log.memory.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { DecisionKeeper } from './decision-keeper.ts'
import { wordsFor } from './live/words.ts'
import { Stage } from './testing/stage.ts'
import type { Decision } from './tick.ts'

const site = exampleSite([exampleCircuit('grid', { ratingA: 60 })], [exampleEvse('A', 'grid')])

/** The keeper of a stage, with a decision that raises A and the same one that changes nothing. */
async function keeping() {
  const stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
  await stage.pass(seconds(40))
  const { depot } = stage.control
  const kept: unknown[] = []
  const log = createMemoryDecisionLog()
  const watched = { ...log, add: (entry: Parameters<typeof log.add>[0]) => void kept.push(entry.decision) }
  const keeper = new DecisionKeeper(depot, wordsFor(depot, 'UTC'), watched)
  const still = stage.control.decision()
  const key = stage.evse('A').key
  const moves = [{ key, level: 32_000, kind: 'raise' as const }]
  const raising: Decision = { ...still, transition: { ...still.transition, moves } }
  const quiet: Decision = { ...still, transition: { ...still.transition, moves: [] } }
  return { keeper, raising, quiet, count: () => kept.filter((each) => each !== null).length }
}

describe('a decision is kept', () => {
  test('once while the same limits are decided again and again', async () => {
    const { keeper, raising, count } = await keeping()
    for (let n = 0; n < 5; n++) keeper.note(raising)
    expect(count()).toBe(1)
  })

  test('again when the same limits are decided after there was nothing to change', async () => {
    const { keeper, raising, quiet, count } = await keeping()
    keeper.note(raising)
    keeper.note(quiet)
    keeper.note(raising)
    expect(count()).toBe(2)
  })
})

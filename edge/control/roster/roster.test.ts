import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { InputOf } from '../../domain/inputs.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import type { Site } from '../../domain/site/site.ts'
import { Stage, type StageOptions } from '../testing/stage.ts'

const clock = new FakeClock()
const N = as<StationId>('N')
/** Room for two stations with fallbacks of 6 A beside one that has 6 A already, and no more. */
const siteOf = (ratingA: number, ...stations: string[]): Site =>
  exampleSite(
    [exampleCircuit('grid', { ratingA })],
    stations.map((id) => exampleEvse(id, 'grid')),
  )
let stage: Stage
let letIn: Set<string>

const started = async (of: Partial<StageOptions> = {}) => {
  const next = new Stage({ clock, site: siteOf(36, 'A'), ...of })
  await next.start()
  letIn = new Set()
  next.control.depot.roster = {
    secure: false,
    refresh: (station) => void letIn.add(station),
    configured: () => null,
    newSecret: () => ({ text: 'told-once-0123456789', sha256: 'hash' }),
    hashOf: () => 'hash',
  }
  return next
}
beforeEach(async () => {
  stage = await started()
})

const definition = (fallback_a = 6, of: object = {}): InputOf<'station-added'>['definition'] => ({
  name: null,
  circuit: 'grid',
  evses: [
    {
      ...{
        evse: 1,
        current: 'ac',
        rating_a: 32,
        phases: ['l1', 'l2', 'l3'],
        connection: 'line-neutral',
        fallback_a,
      },
      ...of,
    },
  ],
})
const add = async (fallback?: number, station = N) => {
  const { outcome } = stage.control.submit({
    ...{ type: 'station-added', station, definition: definition(fallback), securityProfile: 1, by: 'ann' },
  })
  await stage.pass(seconds(2))
  return outcome
}
const remove = () => stage.control.submit({ type: 'station-removed', station: N, by: 'ann' }).outcome
const counted = (of = stage) => of.control.decision().evses.map(({ evse }) => evse.station)
const hold = () => stage.control.decision().evses.find(({ evse }) => evse.station === N)?.hold

describe('a station that was added', () => {
  test('counts at its fallback before it is let in, and its secret stands on no record', async () => {
    expect(await add()).toEqual({ status: 'accepted', secret: 'told-once-0123456789' })
    expect(counted()).toEqual(['A', 'N'])
    expect(hold()).toBeGreaterThanOrEqual(6000)
    expect(letIn).toEqual(new Set(['N']))
    expect(JSON.stringify(await stage.facts('StationAdded'))).not.toContain('told-once')
  })

  test('is not let in before that is on disk', async () => {
    stage.store.factLog.stall()
    await add()
    expect(counted()).toEqual(['A', 'N'])
    expect(letIn.size).toBe(0)
  })

  test('is known after a restart; where the file names it too, the file counts', async () => {
    await add()
    const { store } = stage
    stage.control.stop()
    stage = await started({ store })
    expect(counted()).toEqual(['A', 'N'])
    stage.control.stop()
    stage = await started({ store, site: siteOf(60, 'A', 'N') })
    expect(counted()).toEqual(['A', 'N'])
    expect(await stage.facts('StationRemoved')).toEqual([{ station: 'N', cause: 'in-file' }])
    expect(remove()).toMatchObject({ status: 'conflict' })
  })

  test('keeps a depot from starting whose file leaves it no room', async () => {
    await add(20)
    const { store } = stage
    stage.control.stop()
    await expect(started({ store, site: siteOf(20, 'A') })).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringMatching(/\(N\): circuit grid: phase L1: fallbacks/),
    })
  })

  test.each([
    [32, 'phase L1: fallbacks and other loads add up to'],
    [33, 'its fallback 33 is above its rating 32'],
  ])('is refused with a fallback of %d A', async (fallback, reason) => {
    expect(await add(fallback)).toMatchObject({ status: 'unfit', reason: expect.stringContaining(reason) })
    expect(counted()).toEqual(['A'])
    expect(letIn.size).toBe(0)
  })

  test('is refused beside others that took the room, and under a name that is taken', async () => {
    await add(16)
    expect(await add(20, as<StationId>('M'))).toMatchObject({ status: 'unfit' })
    expect(await add(6)).toMatchObject({ status: 'conflict' })
    expect(await add(6, as<StationId>('A'))).toMatchObject({ status: 'conflict' })
  })
})

describe('a station that is removed', () => {
  test('counts until its connection has been gone for longer than any limit of it holds', async () => {
    await add()
    const connection = await stage.join('N')
    expect(remove()).toEqual({ status: 'accepted' })
    await stage.pass(minutes(20))
    expect(counted()).toEqual(['A', 'N'])
    await stage.leave('N', connection)
    await stage.pass(minutes(4))
    expect(counted()).toEqual(['A', 'N'])
    await stage.pass(minutes(2))
    expect(counted()).toEqual(['A'])
    expect(await stage.facts('StationRemoved')).toEqual([{ station: 'N', cause: 'left' }])
    expect(await add()).toMatchObject({ status: 'accepted' })
  })

  test('goes on being removed after a restart', async () => {
    await add()
    remove()
    await stage.settle()
    const { store } = stage
    stage.control.stop()
    stage = await started({ store })
    expect(counted()).toEqual(['A', 'N'])
    await stage.pass(minutes(6))
    expect(counted()).toEqual(['A'])
  })

  test('is not while it charges, nor twice, nor when nobody added it', async () => {
    expect(remove()).toMatchObject({ status: 'unknown' })
    await add()
    await stage.join('N')
    await stage.charge('N')
    expect(remove()).toEqual({ status: 'conflict', reason: 'it is charging' })
  })
})

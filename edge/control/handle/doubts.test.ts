import { as, type TransactionId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, type WattHours, wattHours, watts } from '@busbar/units/electricity.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { EvseSample } from '../../domain/inputs.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { doubtsView } from '../live/doubts-view.ts'
import { Stage } from '../testing/stage.ts'

const site = exampleSite([exampleCircuit('grid', { ratingA: 200 })], [exampleEvse('A', 'grid')])
let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
})

const id = (name: string) => as<TransactionId>(name)
const doubts = () => doubtsView(stage.control.depot)
const settle = (
  doubt: string,
  of: { resolution?: 'confirmed' | 'corrected'; meterStopWh?: WattHours } = {},
) =>
  stage.control.submit({
    type: 'doubt-settled',
    ...{ doubt, resolution: 'confirmed', reason: 'looked at it', transaction: null, by: 'the manager' },
    ...{ meterStopWh: null, ...of },
  }).outcome
const say = (of: Omit<EvseSample, 'time'>) =>
  stage.control.submit({
    type: 'meter-values',
    ...{ station: as('A'), evse: 1, transaction: id('1') },
    samples: [{ time: stage.time(new Date(stage.clock.now()).toISOString()), ...of }],
  })

describe('S21 values that cannot be', () => {
  test.each<[string, Omit<EvseSample, 'time'>]>([
    ['register -5', { registerWh: wattHours(-5) }],
    ['register 1000000000000', { registerWh: wattHours(1e12) }],
    ['register jumps to 9000000000 from 1000', { registerWh: wattHours(9e9) }],
    ['power -7000', { powerW: watts(-7000) }],
    ['current of l1 -16', { currentA: { l1: amps(-16) } }],
  ])('S21 %s is used for nothing, and the transaction is flagged once', async (reason, values) => {
    stage.begin('A', { meterWh: 1000 })
    say(values)
    say(values)
    stage.end('A', { transaction: id('1'), meterStopWh: wattHours(1500) })
    await stage.settle()
    expect(await stage.facts('TransactionFlagged')).toEqual([{ transaction: '1', station: 'A', reason }])
    expect(await stage.facts('TransactionEnergyRead')).toEqual([])
    expect(await stage.facts('TransactionEnded')).toMatchObject([{ energy_wh: 500, suspect: null }])
    expect(doubts()).toMatchObject([{ kind: 'suspect', transaction: '1', reasons: [reason] }])
  })

  test('S21 a register that falls counts for nothing, and one of before the last is no fall', async () => {
    stage.begin('A', { meterWh: 1000 })
    const early = stage.time(new Date(stage.clock.now()).toISOString())
    await stage.pass(minutes(2))
    say({ registerWh: wattHours(3000) })
    stage.control.submit({
      type: 'meter-values',
      ...{ station: as('A'), evse: 1, transaction: id('1') },
      samples: [{ time: early, registerWh: wattHours(1200) }],
    })
    await stage.settle()
    expect(await stage.facts('TransactionFlagged')).toEqual([])
    await stage.pass(seconds(10))
    say({ registerWh: wattHours(2000) })
    await stage.settle()
    expect(await stage.facts('TransactionFlagged')).toMatchObject([{ reason: 'register falls to 2000' }])
    expect(await stage.facts('TransactionEnergyRead')).toMatchObject([{ energy_wh: 2000 }])
  })

  test('S21 an end with such a register is an end all the same, with the last one that can be', async () => {
    stage.begin('A', { meterWh: 1000 })
    say({ registerWh: wattHours(1800) })
    stage.end('A', { transaction: id('1'), meterStopWh: wattHours(1e12) })
    await stage.settle()
    expect(await stage.facts('TransactionEnded')).toMatchObject([{ energy_wh: 800 }])
    expect(doubts()[0]?.reasons[0]).toContain('cannot be')
  })
})

describe('what is in doubt', () => {
  test('is listed, settled by a person with a reason, and on record', async () => {
    stage.end('A', { transaction: id('99'), meterStopWh: wattHours(5) })
    await stage.settle()
    const [orphan] = doubts()
    expect(orphan).toMatchObject({ kind: 'orphan', station: 'A', record: expect.any(String) })
    expect(settle(orphan?.doubt ?? '')).toEqual({ status: 'settled', reason: null })
    await stage.settle()
    expect(doubts()).toEqual([])
    expect(await stage.facts('DoubtSettled')).toMatchObject([
      { station: 'A', resolution: 'confirmed', reason: 'looked at it', by: 'the manager' },
    ])
    expect(settle(orphan?.doubt ?? '')).toMatchObject({ status: 'unknown' })
  })

  test('is put right with a register, never below the start and never while it runs', async () => {
    stage.begin('A', { meterWh: 1000 })
    say({ powerW: watts(-1) })
    const correct = (wh: number) =>
      settle('transaction~1', { resolution: 'corrected', meterStopWh: wattHours(wh) })
    expect(correct(1700).reason).toContain('still runs')
    stage.end('A', { transaction: id('1'), meterStopWh: wattHours(1500) })
    expect(correct(900).reason).toContain('below')
    expect(correct(1700)).toMatchObject({ status: 'settled' })
    await stage.settle()
    expect(await stage.facts('TransactionCorrected')).toMatchObject([{ transaction: '1', energy_wh: 700 }])
    expect(doubts()).toEqual([])
  })

  test('outlasts a restart', async () => {
    stage.end('A', { transaction: id('99'), meterStopWh: wattHours(5) })
    await stage.settle()
    const before = doubts().map(({ doubt }) => doubt)
    stage = new Stage({ clock: new FakeClock(), site, store: stage.store })
    await stage.start()
    expect(doubts().map(({ doubt }) => doubt)).toEqual(before)
  })
})

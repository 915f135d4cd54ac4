import { as, type StationId } from '@busbar/model/ids.ts'
import { type Instant, instant } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact, FactTypes } from '../../facts.ts'
import { type DeviceModel, deviceModels, isComplete, missingParts } from './device-model.ts'
import type { ToldVariable } from './variable.ts'

const station = as<StationId>('A')
const variable = (name: string, value: string | null = '1'): ToldVariable => ({
  component: { name: 'Ctrlr', instance: null, evse: null, connector: null },
  variable: { name, instance: null },
  attributes: [{ type: 'Actual', value, mutability: null }],
})
type Told = FactTypes['StationVariablesTold']
const part = (number: number, of: Partial<Told> = {}): Fact => ({
  type: 'StationVariablesTold',
  occurred_at: instant(1000 + number),
  clock: 'synced',
  entity: { type: 'station', id: 'A' },
  data: {
    ...{ station, source: 'report', request: 7, part: number, more: true, flawed: false, rest: false },
    variables: [variable(`V${number}`)],
    ...of,
  },
})
const announced = (request = 7): Fact => ({
  type: 'StationReportAnnounced',
  occurred_at: instant(1000),
  clock: 'synced',
  entity: { type: 'station', id: 'A' },
  data: { station, request, base: 'FullInventory' },
})
const fold = (...facts: readonly Fact[]): DeviceModel => {
  const rows = facts.reduce<DeviceModel | undefined>(
    (row, fact) => deviceModels.next(row, { seq: 0, recorded_at: 0 as Instant, fact }),
    undefined,
  )
  return rows ?? expect.fail('nothing was folded')
}
const names = ({ variables }: DeviceModel) => Object.values(variables).map((known) => known.variable.name)

describe('a full inventory', () => {
  const parts = [part(0), part(1), part(2, { more: false })]
  test('is complete once every part has come, in whatever order, and no sooner', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([announced(), ...parts], { minLength: 1 }),
        (came) => isComplete(fold(...came)) === (came.length === 4),
      ),
    )
  })

  test('tells which parts are missing', () => {
    const [report] = fold(announced(), part(0), part(3, { more: false })).reports
    expect(report && missingParts(report)).toEqual([1, 2])
  })

  test('that nobody asked for in full is never complete', () => {
    expect(isComplete(fold(...parts))).toBe(false)
  })

  test('of which a piece could not be read, or a part is not wholly here, is not complete', () => {
    expect(isComplete(fold(announced(), part(0, { more: false, flawed: true })))).toBe(false)
    expect(isComplete(fold(announced(), part(0, { more: false, rest: true })))).toBe(false)
  })

  test('is not complete any more while a newer one is on its way', () => {
    const whole = [announced(), ...parts]
    expect(isComplete(fold(...whole, announced(8), part(0, { request: 8 })))).toBe(false)
  })
})

test('a value told again takes the place of the old one and keeps what is not told again', () => {
  const described = { ...variable('V'), characteristics: UNIT }
  const model = fold(
    part(0, { variables: [described] }),
    part(1, { source: 'read', request: null, part: null, variables: [variable('v', '2')] }),
  )
  expect(Object.values(model.variables)).toMatchObject([
    { attributes: [{ type: 'Actual', value: '2' }], characteristics: UNIT, source: 'read', at: 1001 },
  ])
})
const UNIT = { data_type: 'integer', unit: 's', min: null, max: null, values: null }

test('a station without end of variables fills no memory, and is never complete', () => {
  const many = Array.from({ length: 4000 }, (_, n) => variable(`V${n}`))
  const model = fold(announced(), part(0, { more: false, variables: many }))
  expect(names(model)).toHaveLength(3000)
  expect([model.overfull, isComplete(model)]).toEqual([true, false])
})

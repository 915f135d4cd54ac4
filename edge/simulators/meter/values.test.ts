import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { hours, milliseconds, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import { pointsOf } from '../../profiles/meter-profile.ts'
import type { MeterFaultRequest } from './fault.ts'
import type { MeterPicture } from './meter-picture.ts'
import { startVirtualLine } from './virtual-line.ts'
import { openLine } from './wire.test-kit.ts'

const profiles = await loadMeterProfiles('firmware-profiles/meters')
const flowing: MeterPicture = {
  currentA: { l1: 16, l2: 8, l3: 4 },
  voltageV: { l1: 230, l2: 231, l3: 232 },
  powerFactor: 1,
  frequencyHz: 50,
  importWh: 512_000,
  exportWh: 640,
}

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function bench(id = 'janitza-umg') {
  const profile = profiles.get(id)
  if (!profile) throw new TypeError(id)
  const clock = new FakeClock()
  let picture = flowing
  const line = await startVirtualLine({
    end: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    units: [{ unit: 1, profile, picture: () => picture }],
    clock,
  })
  cleanUps.push(() => line.stop())
  const wire = await openLine(line.port)
  cleanUps.push(wire.close)
  /** The words of a register block, as hex. */
  const words = async (addr: number, count: number) => {
    const request = [0, 1, 0, 0, 0, 6, 1, 3, addr >> 8, addr & 0xff, count >> 8, count & 0xff]
    return (await wire.ask(Buffer.from(request).toString('hex'), 9 + 2 * count)).slice(18)
  }
  const addrOf = (name: string) => {
    const point = pointsOf(profile).find((one) => one.name === name)
    if (!point) throw new TypeError(name)
    return point
  }
  /** Points of a map of 32 bit floats. */
  const values = async (...names: readonly string[]) => {
    const found: number[] = []
    for (const name of names) {
      const hex = await words(addrOf(name).addr, 2)
      found.push(Number(Buffer.from(hex, 'hex').readFloatBE().toPrecision(5)))
    }
    return found
  }
  const show = (now: Partial<MeterPicture>) => {
    picture = { ...picture, ...now }
  }
  return { clock, line, show, values, words }
}

const U = ['u_l1', 'u_l2', 'u_l3']
const I = ['i_l1', 'i_l2', 'i_l3']
const P = ['p_l1', 'p_l2', 'p_l3']

describe('a meter wired wrong', () => {
  test.each<[string, MeterFaultRequest, object]>([
    [
      'one transformer reversed: its power is negative',
      { kind: 'ctReversed', phase: 'l2' },
      { i: [16, 8, 4], p: [3680, -1848, 928] },
    ],
    [
      'all reversed: export instead of import',
      { kind: 'ctReversed' },
      { i: [16, 8, 4], p: [-3680, -1848, -928] },
    ],
    [
      'two phases swapped with their voltages',
      { kind: 'phaseSwap', phases: ['l1', 'l3'] },
      { u: [232, 231, 230], i: [4, 8, 16], p: [928, 1848, 3680] },
    ],
    [
      'two transformers swapped: each sees half the power, backwards',
      { kind: 'phaseSwap', phases: ['l1', 'l2'], of: 'current' },
      { u: [230, 231, 232], i: [8, 16, 4], p: [-920, -1848, 928] },
    ],
    [
      'a voltage tap lost: no power on a phase that carries current',
      { kind: 'phaseLoss', phase: 'l1', of: 'voltage' },
      { u: [0, 231, 232], i: [16, 8, 4], p: [0, 1848, 928] },
    ],
    [
      'a phase lost: nothing on it',
      { kind: 'phaseLoss', phase: 'l1' },
      { u: [0, 231, 232], i: [0, 8, 4], p: [0, 1848, 928] },
    ],
    [
      'a transformer ratio of half',
      { kind: 'scaleChange', by: 0.5, points: [...I, ...P] },
      { u: [230, 231, 232], i: [8, 4, 2], p: [1840, 924, 464] },
    ],
  ])('%s', async (_, fault, expected) => {
    const { line, values } = await bench()
    await line.faults.set(fault)
    const all = { u: await values(...U), i: await values(...I), p: await values(...P) }
    expect(all).toMatchObject(expected)
  })

  test('counts what it believes to flow', async () => {
    const { clock, line, show, values } = await bench()
    await line.faults.set({ kind: 'ctReversed' })
    await values('e_imp')
    clock.advance(hours(1))
    // What truly flowed meanwhile: 6,456 Wh.
    show({ importWh: 512_000 + 6456 })
    expect(await values('e_imp', 'e_exp')).toEqual([512_000, 640 + 6456])
  })
})

describe('registers that hold something else', () => {
  test.each<[string, MeterFaultRequest, number, string]>([
    ['swapped words', { kind: 'swappedWords' }, 0x4a38, '0000436600004367'],
    ['swapped words of one point', { kind: 'swappedWords', points: ['u_l2'] }, 0x4a38, '4366000000004367'],
    ['swapped bytes', { kind: 'swappedBytes' }, 0x4a38, '6643000067430000'],
    ['no number in one point', { kind: 'nan', points: ['u_l1'] }, 0x4a38, '7fc0000043670000'],
    ['zeros in one point', { kind: 'zeroFill', points: ['u_l1'] }, 0x4a38, '0000000043670000'],
    ['all of it a register up', { kind: 'offByOne' }, 0x4a39, '4366000043670000'],
    ['all of it a register down', { kind: 'offByOne', by: -1 }, 0x4a37, '4366000043670000'],
  ])('%s', async (_, fault, addr, expected) => {
    const { line, words } = await bench()
    await line.faults.set(fault)
    expect(await words(addr, 4)).toBe(expected)
  })

  test('its own word for no value, where the map has one', async () => {
    const { line, words } = await bench('abb-b23')
    await line.faults.set({ kind: 'sentinel', points: ['p_l1'] })
    expect(await words(0x5b16, 4)).toBe('7fffffff0002d1e0')
  })

  test('stale: one point or all stand still until it ends', async () => {
    const { line, show, values } = await bench()
    await line.faults.set({ kind: 'stale', points: ['u_l1'] })
    show({ voltageV: { l1: 240, l2: 240, l3: 240 } })
    expect(await values(...U)).toEqual([230, 240, 240])
    await line.faults.set({ kind: 'stale' })
    show(flowing)
    expect(await values(...U)).toEqual([240, 240, 240])
    await line.faults.clear()
    expect(await values(...U)).toEqual([230, 231, 232])
  })

  test('a scale factor that moves takes its values along', async () => {
    const { line, words } = await bench('sunspec-203')
    const model = 40_070
    const read = async () => ({
      power: await words(model + 18, 1),
      factor: await words(model + 22, 1),
      voltage: await words(model + 8, 1),
    })
    expect(await read()).toMatchObject({ power: '0286', factor: '0001' })
    const before = await read()
    await line.faults.set({ kind: 'scaleFactor', name: 'W_SF', power: 0 })
    expect(await read()).toEqual({ ...before, power: '1938', factor: '0000' })
  })

  test('a skewed meter shows what flowed some time ago', async () => {
    const { clock, line, show, values } = await bench()
    await line.faults.set({ kind: 'sampleSkew', byMs: 2000 })
    await values('u_l1')
    clock.advance(seconds(1))
    show({ voltageV: { l1: 240, l2: 240, l3: 240 } })
    expect(await values('u_l1')).toEqual([230])
    clock.advance(milliseconds(2000))
    expect(await values('u_l1')).toEqual([240])
  })
})

describe('what happens to a counter', () => {
  test.each<[string, MeterFaultRequest, readonly number[]]>([
    ['it starts anew', { kind: 'registerReset' }, [1000, 0]],
    ['it jumps', { kind: 'counterJump', byWh: 5e6 }, [5_513_000, 640]],
    ['it runs over', { kind: 'counterWrap', atWh: 500_000 }, [13_000, 640]],
    [
      'another meter hangs there',
      { kind: 'meterSwap', serial: 77, importWh: 9000, exportWh: 50 },
      [10_000, 50],
    ],
  ])('%s', async (_, fault, expected) => {
    const { line, show, values } = await bench()
    await line.faults.add(fault)
    show({ importWh: flowing.importWh + 1000 })
    expect(await values('e_imp', 'e_exp')).toEqual(expected)
  })

  test('what happened once stays, is no fault in force, and is in the log', async () => {
    const { line, values } = await bench()
    await line.faults.add({ kind: 'registerReset' })
    await line.faults.clear()
    expect(line.faults.inForce()).toEqual([])
    expect(await values('e_imp')).toEqual([0])
    expect(line.faults.log()).toMatchObject([{ kind: 'registerReset', what: 'began' }])
  })

  test('another meter has another number', async () => {
    const { line, words } = await bench('eastron-sdm630')
    expect(await words(0xfc00, 2)).toBe('0012d687')
    await line.faults.add({ kind: 'meterSwap', serial: 77 })
    expect(await words(0xfc00, 2)).toBe('0000004d')
  })
})

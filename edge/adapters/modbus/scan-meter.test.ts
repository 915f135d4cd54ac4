import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { framed, type RtuAsked, rtuPeer, turns } from '@busbar/testing/rtu-peer.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { milliseconds, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import { registerImages } from '../../simulators/meter/register-image.ts'
import type { MeterSource } from './meter-source.ts'
import { ModbusBus } from './modbus-bus.ts'
import { ModbusUnit } from './modbus-unit.ts'
import { type MeterResult, MeterScanner } from './scan-meter.ts'

const profiles = await loadMeterProfiles('firmware-profiles/meters')
const quiet = { info: () => undefined, warn: () => undefined }
const PICTURE = {
  ...{ currentA: { l1: 10, l2: 20, l3: 30 }, voltageV: { l1: 230, l2: 230, l3: 230 } },
  ...{ powerFactor: 1, frequencyHz: 50, importWh: 512_000, exportWh: 64_000 },
}
const cleanUps: (() => unknown)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp()
})

type Mood = number | 'silent' | undefined

/** A device behind a converter that holds a profile's registers and refuses what the test says. */
async function bench(id: string, more: Partial<MeterSource> = {}) {
  const profile = profiles.get(id)
  if (!profile) throw new TypeError(id)
  const clock = new FakeClock()
  const words = new Map<string, number>()
  for (const [code, image] of registerImages(profile, PICTURE))
    for (const [addr, word] of image.words) words.set(`${code}/${addr}`, word)
  const mood: { of: (asked: RtuAsked) => Mood } = { of: () => undefined }
  const peer = await rtuPeer((asked) => {
    const code = asked.frame.readUInt8(1)
    const refusal = mood.of(asked)
    if (refusal === 'silent') return
    if (refusal !== undefined) return asked.send(framed(asked.unit, code | 0x80, refusal))
    const held = Array.from({ length: asked.count }, (_, n) => words.get(`${code}/${asked.addr + n}`) ?? 0)
    asked.send(framed(asked.unit, code, 2 * asked.count, ...held.flatMap((word) => [word >> 8, word & 0xff])))
  })
  const endpoint = { kind: 'rtu-tcp', host: '127.0.0.1', port: peer.port } as const
  const source: MeterSource = {
    ...{ id: as('M'), profile, endpoint, unit: 1, poll: seconds(60), invert: false },
    plausible: { nominalV: volts(230), maxA: amps(100), maxW: watts(69_000) },
    ...more,
  }
  const bus = new ModbusBus({ endpoint, clock, random: () => 1, log: quiet })
  cleanUps.push(
    () => peer.close(),
    () => bus.close(),
  )
  const unit = new ModbusUnit({ bus, clock, endpoint, unit: 1, first: false, shared: false, minGapMs: 0 })
  const scanner = new MeterScanner(source, { unit, clock })
  const scan = async (): Promise<MeterResult> => {
    const found: MeterResult[] = []
    void scanner.scan().then((result) => found.push(result))
    while (found.length === 0) {
      await turns(8)
      if (found.length === 0) clock.advance(milliseconds(50))
    }
    const [result] = found
    if (!result) throw new TypeError('no result')
    return result
  }
  const asked = (from = 0) => peer.asked.slice(from).map(({ addr, count }) => `${addr}+${count}`)
  return { ...{ clock, peer, bus, words, mood, scanner, scan, asked } }
}

describe('fast and slow values', () => {
  test('energies come with the first scan and then with each tenth; the others stay small', async () => {
    const { scan } = await bench('lovato-dmg610')
    const withEnergy: number[] = []
    for (let n = 0; n < 21; n += 1) {
      const result = await scan()
      expect(result).toMatchObject({ reading: { powerW: 13_800, currentA: { l3: 30 } } })
      if ('reading' in result && result.reading.importWh !== undefined) withEnergy.push(n)
    }
    expect(withEnergy).toEqual([0, 9, 19])
  })

  test('power factors are magnitudes', async () => {
    const { scan, words } = await bench('carlo-gavazzi-em24')
    words.set('4/50', 0x1_0000 - 950)
    expect(await scan()).toMatchObject({ reading: { powerFactor: { l1: 0.95, l2: 1, l3: 1 } } })
  })
})

describe('a refused request', () => {
  const holds = (asked: RtuAsked, addr: number) => addr >= asked.addr && addr < asked.addr + asked.count

  test.each([2, 3])(
    'with exception %d is cut in two until the register is found, and never asked again',
    async (code) => {
      const { scan, mood, peer, asked } = await bench('carlo-gavazzi-em24')
      mood.of = (request) => (holds(request, 92) ? code : undefined)
      expect(await scan()).toMatchObject({ reading: { importWh: 512_000, powerW: 13_800 } })
      const learnt = peer.asked.length
      for (let n = 1; n < 21; n += 1) {
        const result = await scan()
        expect(result).toHaveProperty('reading')
        if ('reading' in result) expect(result.reading).not.toHaveProperty('exportWh')
      }
      expect(asked(learnt).filter((one) => one.startsWith('92'))).toEqual([])
    },
  )

  test('is taken apart where only a hole cannot be read', async () => {
    const { scan, mood } = await bench('schneider-iem3000')
    mood.of = (request) => (holds(request, 3040) ? 2 : undefined)
    expect(await scan()).toMatchObject({
      reading: { voltageV: { l1: 230 }, powerW: expect.closeTo(13_800), frequencyHz: 50 },
    })
  })

  test('of a register that every model has is a failure that names it, never an absent value', async () => {
    const { scan, mood } = await bench('carlo-gavazzi-em24')
    mood.of = (request) => (holds(request, 40) ? 2 : undefined)
    for (let n = 0; n < 3; n += 1)
      expect(await scan()).toMatchObject({
        failure: { code: 'exception-2', reason: expect.stringContaining('register 40 (p_total)') },
      })
  })

  test('that is met with silence instead is found out when the unit answers others', async () => {
    const { scan, mood } = await bench('carlo-gavazzi-em24')
    mood.of = (request) => (holds(request, 92) ? 'silent' : undefined)
    const results: MeterResult[] = []
    for (let n = 0; n < 60; n += 1) results.push(await scan())
    expect(results[0]).toMatchObject({ failure: { code: 'timeout' } })
    expect(results.slice(30).every((result) => 'reading' in result)).toBe(true)
  })

  test('other exceptions give up the scan and teach nothing', async () => {
    const { scan, mood } = await bench('carlo-gavazzi-em24')
    mood.of = () => 6
    expect(await scan()).toMatchObject({ failure: { code: 'exception-6' } })
    mood.of = () => undefined
    const results: MeterResult[] = []
    for (let n = 1; n < 10; n += 1) results.push(await scan())
    expect(results.at(-1)).toMatchObject({ reading: { exportWh: 64_000 } })
  })
})

describe('who answers', () => {
  test('a serial number that changes gives up the scan, then the new one holds', async () => {
    const { scan, scanner, words } = await bench('eastron-sdm630')
    expect(await scan()).toHaveProperty('reading')
    expect(scanner.serial).toBe('1234567')
    words.set('3/64513', 7)
    for (let n = 1; n < 10; n += 1) expect(await scan()).toHaveProperty('reading')
    expect(await scan()).toMatchObject({
      failure: { code: 'identity', reason: 'serial number is 1179655, expected 1234567' },
    })
    expect(await scan()).toHaveProperty('reading')
  })

  test('a serial number other than the one in the configuration never gives a reading', async () => {
    const { scan } = await bench('eastron-sdm630', { serial: '77' })
    for (let n = 0; n < 3; n += 1) expect(await scan()).toMatchObject({ failure: { code: 'identity' } })
  })

  test('another device in its place gives no reading', async () => {
    const { scan, words } = await bench('socomec-countis')
    expect(await scan()).toHaveProperty('reading')
    words.set('3/50001', 0x41)
    for (let n = 1; n < 10; n += 1) await scan()
    expect(await scan()).toMatchObject({
      failure: { code: 'identity', reason: expect.stringContaining('expected 0x0053004F0043004F') },
    })
  })

  test('is asked again over a new connection, before anything else is believed', async () => {
    const { scan, peer, words } = await bench('socomec-countis')
    await scan()
    words.set('3/50001', 0x41)
    for (const socket of peer.sockets) socket.destroy()
    await turns(10)
    expect(await scan()).toMatchObject({ failure: { code: 'identity' } })
  })

  test('a setting of one model is not asked of the others', async () => {
    const { scan, asked } = await bench('carlo-gavazzi-em340')
    await scan()
    expect(asked()).not.toContain('40960+1')
    const { scan: other } = await bench('carlo-gavazzi-em340', { model: 'EM24_E1' })
    expect(await other()).toMatchObject({
      failure: { code: 'identity', reason: expect.stringContaining('model code') },
    })
  })
})

describe('SunSpec', () => {
  const BASE = 40_000
  const MODEL = BASE + 70

  test.each(['sunspec-203', 'sunspec-213', 'sunspec-701'])('%s is found and read', async (id) => {
    const { scan, scanner, asked } = await bench(id)
    expect(await scan()).toMatchObject({
      reading: { frequencyHz: 50, voltageV: { l1: 230 }, currentA: { l2: expect.closeTo(20, 1) } },
    })
    expect(scanner.serial).toBe('VM-1234567')
    expect(asked().slice(0, 2)).toEqual([`${BASE}+2`, `${BASE + 2}+2`])
  })

  test('the map is walked once for each connection', async () => {
    const { scan, peer, asked } = await bench('sunspec-203')
    await scan()
    const walked = peer.asked.length
    await scan()
    expect(asked(walked)).toHaveLength(1)
    for (const socket of peer.sockets) socket.destroy()
    await turns(10)
    const before = peer.asked.length
    expect(await scan()).toHaveProperty('reading')
    expect(asked(before)).toContain(`${BASE}+2`)
  })

  test('a model that moved while the line was down is read at its new place', async () => {
    const { scan, peer, words } = await bench('sunspec-203')
    await scan()
    // A model of its maker's own now lies before it.
    const moved = [...words].filter(([key]) => Number(key.slice(2)) >= MODEL)
    for (const [key] of moved) words.delete(key)
    for (const [key, word] of moved) words.set(`3/${Number(key.slice(2)) + 12}`, word)
    words.set(`3/${MODEL}`, 64_001)
    words.set(`3/${MODEL + 1}`, 10)
    for (const socket of peer.sockets) socket.destroy()
    await turns(10)
    expect(await scan()).toMatchObject({ reading: { frequencyHz: 50 } })
  })

  test('a power of ten that changes while it runs is followed at once', async () => {
    const { scan, words } = await bench('sunspec-203')
    expect(await scan()).toMatchObject({ reading: { currentA: { l1: 10 } } })
    words.set(`3/${MODEL + 6}`, 0xffff)
    words.set(`3/${MODEL + 3}`, 120)
    words.set(`3/${MODEL + 4}`, 200)
    words.set(`3/${MODEL + 5}`, 300)
    expect(await scan()).toMatchObject({ reading: { currentA: { l1: 12, l2: 20, l3: 30 } } })
  })

  test('no marker is found at a second base, too', async () => {
    const { scan, words, asked } = await bench('sunspec-203')
    const all = [...words]
    words.clear()
    for (const [key, word] of all) words.set(`3/${Number(key.slice(2)) + 10_000}`, word)
    expect(await scan()).toMatchObject({ reading: { frequencyHz: 50 } })
    expect(asked().slice(0, 2)).toEqual(['40000+2', '50000+2'])
  })

  test.each<[string, (words: Map<string, number>) => void, string]>([
    ['nowhere a marker', (words) => words.clear(), 'no SunSpec marker at 40000, 50000, 0'],
    [
      'another length',
      (words) => words.set(`3/${MODEL + 1}`, 104),
      'model 203 at 40070 has length 104, expected 105',
    ],
    [
      'another model',
      (words) => words.set(`3/${MODEL}`, 64_001),
      'no model 203 or 201 or 202 or 204; the device has 1, 64001',
    ],
    [
      'no end',
      (words) => words.set(`3/${MODEL + 107}`, 64_001).set(`3/${MODEL + 108}`, 0),
      'more than 64 models',
    ],
    [
      'no common model',
      (words) => words.set(`3/${BASE + 2}`, 64_001),
      'the first model is 64001, expected 1',
    ],
  ])('%s is a failure that says so', async (_, change, reason) => {
    const { scan, words } = await bench('sunspec-203')
    change(words)
    expect(await scan()).toMatchObject({ failure: { code: 'sunspec', reason } })
  })

  test('a device that is silent is not taken for one without SunSpec', async () => {
    const { scan, mood } = await bench('sunspec-203')
    mood.of = () => 'silent'
    expect(await scan()).toMatchObject({ failure: { code: 'timeout' } })
  })
})

describe('what the site knows better', () => {
  test('an offset moves every address', async () => {
    const { scan, words } = await bench('schneider-iem3000', { override: { addressOffset: 1 } })
    const all = [...words]
    words.clear()
    for (const [key, word] of all) words.set(`3/${Number(key.slice(2)) + 1}`, word)
    expect(await scan()).toMatchObject({ reading: { voltageV: { l1: 230 }, importWh: 512_000 } })
  })

  test('ratios of transformers turn into primary values', async () => {
    const { scan } = await bench('carlo-gavazzi-em24', {
      override: { ctRatio: 3, vtRatio: 1.1 },
    })
    expect(await scan()).toMatchObject({
      reading: {
        ...{ currentA: { l1: 30, l2: 60, l3: 90 }, frequencyHz: 50 },
        voltageV: { l1: expect.closeTo(253) },
        powerW: expect.closeTo(3.3 * 13_800),
        importWh: expect.closeTo(3.3 * 512_000),
      },
    })
  })

  test('another scale and fewer registers at once', async () => {
    const { scan, words, asked } = await bench('eastron-sdm630', {
      override: { scale: { f: 0.1 }, maxRead: 6 },
    })
    words.set('4/70', 0x43fa)
    expect(await scan()).toMatchObject({ reading: { frequencyHz: 50 } })
    for (const one of asked()) expect(Number(one.split('+')[1])).toBeLessThanOrEqual(6)
  })

  test('the other word order', async () => {
    const { scan, words } = await bench('shelly-pro-3em', { override: { wordOrder: 'high-first' } })
    expect(await scan()).toHaveProperty('failure')
    for (const addr of [
      1013, 1020, 1022, 1024, 1028, 1033, 1040, 1042, 1044, 1048, 1060, 1062, 1064, 1068, 1162, 1164,
    ]) {
      const [low, high] = [words.get(`4/${addr}`) ?? 0, words.get(`4/${addr + 1}`) ?? 0]
      words.set(`4/${addr}`, high)
      words.set(`4/${addr + 1}`, low)
    }
    expect(await scan()).toMatchObject({ reading: { voltageV: { l1: 230 } } })
  })
})

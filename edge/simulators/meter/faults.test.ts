import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { milliseconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import type { MeterFaultRequest } from './fault.ts'
import type { MeterPicture } from './meter-picture.ts'
import { crc16 } from './rtu-framing.ts'
import { type LineEnd, startVirtualLine, type VirtualLineOptions } from './virtual-line.ts'
import { openLine } from './wire.test-kit.ts'

const profiles = await loadMeterProfiles('firmware-profiles/meters')
const profileOf = (id: string) => {
  const profile = profiles.get(id)
  if (!profile) throw new TypeError(id)
  return profile
}
const flowing: MeterPicture = {
  currentA: { l1: 16, l2: 8, l3: 4 },
  voltageV: { l1: 230, l2: 230, l3: 230.5 },
  powerFactor: 1,
  frequencyHz: 50,
  importWh: 512_000,
  exportWh: 640,
}

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

interface BenchOptions extends Partial<Omit<VirtualLineOptions, 'units'>> {
  readonly profile?: string
  readonly units?: readonly number[]
}

async function bench({ profile = 'janitza-umg', units = [1], ...more }: BenchOptions = {}) {
  const clock = new FakeClock()
  let picture = flowing
  const end: LineEnd = { kind: 'rtu-tcp', host: '127.0.0.1', port: 0 }
  const line = await startVirtualLine({
    ...{ end, clock, ...more },
    units: units.map((unit) => ({ unit, profile: profileOf(profile), picture: () => picture })),
  })
  cleanUps.push(() => line.stop())
  const dial = async () => {
    const wire = await openLine(line.port)
    cleanUps.push(wire.close)
    return wire
  }
  const show = (now: Partial<MeterPicture>) => {
    picture = { ...picture, ...now }
  }
  return { clock, line, dial, show }
}

/** Turns of the event loop in which what was written arrives. */
async function turns(count = 30): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** A frame with its checksum, in hex. */
function frame(hex: string): string {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const crc = crc16(bytes)
  return bytes.toString('hex') + Buffer.of(crc & 0xff, crc >> 8).toString('hex')
}

/** Voltage l3 of a Janitza: 230.5 V. */
const VOLTAGE_3 = '01 03 4a3c 0002 121f'
const ANSWER = '01030443668000'

describe('serial frames', () => {
  test('the checksum is that of the standard', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x4b37)
  })

  test.each([
    ['11 03 006B 0003', '1103006b00037687'],
    ['11 03 06 AE41 5652 4340', '110306ae415652434049ad'],
    ['11 04 0008 0001', '110400080001b298'],
    ['07 03 0010 0002', '070300100002c5a8'],
    ['0A 81 02', '0a8102b053'],
  ])('%s', (body, whole) => expect(frame(body)).toBe(whole))

  test.each([
    ['voltage l3, float32', 'janitza-umg', VOLTAGE_3, '010304436680006e68'],
    ['import in kWh, input register', 'eastron-sdm630', '01 04 0048 0002 f1dd', '01040444000000ef74'],
    ['a register it lacks', 'janitza-umg', '01 03 4a37 0003 a21d', '018302c0f1'],
  ])('%s', async (_, profile, request, reply) => {
    const wire = await (await bench({ profile })).dial()
    expect(frame(request.slice(0, -5))).toBe(request.replaceAll(' ', ''))
    expect(await wire.ask(request, reply.length / 2)).toBe(reply)
    expect(wire.unread()).toBe('')
  })

  test('a request in single bytes after noise is answered; a wrong checksum and a stranger are not', async () => {
    const { dial, line } = await bench()
    const wire = await dial()
    wire.write(`00ff 01 03 4a3c 0002 0000 ${frame('09 03 4a3c 0002')}`)
    for (const byte of Buffer.from(VOLTAGE_3.replaceAll(' ', ''), 'hex'))
      wire.write(byte.toString(16).padStart(2, '0'))
    expect(await wire.bytes(9)).toBe(frame(ANSWER))
    await turns()
    expect(wire.unread()).toBe('')
    expect(line.counters()).toMatchObject({ requests: 2, answers: 1 })
  })
})

describe('a damaged answer', () => {
  test.each<[MeterFaultRequest, string]>([
    [{ kind: 'crcError' }, `${ANSWER}6e32`],
    [{ kind: 'truncate' }, `${ANSWER}6e`],
    [{ kind: 'truncate', bytes: 4 }, '0103044366'],
    [{ kind: 'garbagePrefix' }, `00ff${ANSWER}6e68`],
    [{ kind: 'garbagePrefix', hex: '0103' }, `0103${ANSWER}6e68`],
    [{ kind: 'echo' }, `01034a3c0002121f${ANSWER}6e68`],
    [{ kind: 'wrongUnit' }, frame('02030443668000')],
    [{ kind: 'wrongFunction' }, frame('01060443668000')],
    [{ kind: 'wrongLength' }, frame('01030543668000')],
    [{ kind: 'wrongLength', honest: true }, frame('010306436680000000')],
    [{ kind: 'wrongLength', by: -1, honest: true }, frame('0103024366')],
    [{ kind: 'splitFrame' }, `${ANSWER}6e68`],
    [{ kind: 'exception', code: 6 }, frame('018306')],
  ])('%j', async (fault, reply) => {
    const { dial, line } = await bench()
    const wire = await dial()
    await line.faults.set(fault)
    expect(await wire.ask(VOLTAGE_3, reply.length / 2)).toBe(reply)
    await line.faults.clear()
    expect(await wire.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
    expect(wire.unread()).toBe('')
  })

  test('coalesce keeps every second answer for the next', async () => {
    const { dial, line } = await bench()
    const wire = await dial()
    await line.faults.set({ kind: 'coalesce' })
    wire.write(VOLTAGE_3)
    await turns()
    expect(wire.unread()).toBe('')
    expect(await wire.ask(VOLTAGE_3, 18)).toBe(frame(ANSWER).repeat(2))
  })
})

describe('what a fault strikes', () => {
  test('every third request, a unit, some registers, or a share by chance that is the same again', async () => {
    const { dial, line } = await bench({ units: [1, 2] })
    const wire = await dial()
    const struck = async (fault: MeterFaultRequest, requests: readonly string[]) => {
      await line.faults.set(fault)
      const answers: boolean[] = []
      for (const request of requests) {
        wire.write(request)
        const head = await wire.bytes(5)
        answers.push(head.slice(2, 4) === '83')
        if (!answers.at(-1)) await wire.bytes(4)
      }
      return answers
    }
    const six = Array.from({ length: 6 }, () => VOLTAGE_3)
    const other = frame('02034a3c0002')
    const rest = frame('01034a4c0002')
    expect(await struck({ kind: 'exception', code: 4, every: 3 }, six)).toEqual([
      ...[false, false, true, false, false, true],
    ])
    expect(await struck({ kind: 'exception', code: 4, unit: 2 }, [VOLTAGE_3, other])).toEqual([false, true])
    expect(
      await struck({ kind: 'exception', code: 2, registers: [0x4a3d, 0x4a3d] }, [VOLTAGE_3, rest]),
    ).toEqual([true, false])
    const chance = await struck({ kind: 'exception', code: 4, rate: 0.5 }, [...six, ...six])
    expect(new Set(chance).size).toBe(2)
    expect(line.faults.log().filter(({ what }) => what === 'struck')).toHaveLength(
      2 + 1 + 1 + chance.filter(Boolean).length,
    )
  })

  test('begins and ends by itself', async () => {
    const { clock, dial, line } = await bench()
    const wire = await dial()
    const id = await line.faults.add({ kind: 'exception', code: 4, afterMs: 1000, forMs: 500 })
    expect(line.faults.inForce()).toEqual([])
    expect(await wire.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
    clock.advance(milliseconds(1000))
    expect(line.faults.inForce()).toMatchObject([{ id, fault: { kind: 'exception' } }])
    expect(await wire.ask(VOLTAGE_3, 5)).toBe(frame('018304'))
    clock.advance(milliseconds(500))
    expect(await wire.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
    expect(line.faults.log().map(({ what }) => what)).toEqual(['began', 'struck', 'ended'])
  })

  test.each<[string, object]>([
    ['crcError": Modbus TCP has no checksum', { kind: 'crcError' }],
    ['ptyGone": the line has no serial port', { kind: 'ptyGone' }],
    ['deadUnit": no unit 9 on this line; it has 1', { kind: 'deadUnit', unit: 9 }],
    ['no meter on this line has a point "u_l9"', { kind: 'nan', points: ['u_l9'] }],
    ['lateReply": delayMs: ', { kind: 'lateReply', delayMs: 'soon' }],
    ['warp": ', { kind: 'warp' }],
  ])('what makes no sense is refused: %s', async (message, fault) => {
    const { line } = await bench({ end: { kind: 'tcp', host: '127.0.0.1', port: 0 } })
    await expect(line.faults.add(fault as MeterFaultRequest)).rejects.toMatchObject({
      code: 'simulator.fault',
      message: expect.stringContaining(message),
    })
  })
})

describe('time', () => {
  test('lateReply, slowStart and flappingUnit follow the clock', async () => {
    const { clock, dial, line } = await bench()
    const wire = await dial()
    const answersAfter = async (ms: number) => {
      wire.write(VOLTAGE_3)
      await turns()
      clock.advance(milliseconds(ms - 1))
      await turns()
      expect(wire.unread()).toBe('')
      expect(line.owing()).toBe(1)
      clock.advance(milliseconds(1))
      expect(await wire.bytes(9)).toBe(frame(ANSWER))
      expect(line.owing()).toBe(0)
    }
    await line.faults.set({ kind: 'lateReply', delayMs: 700 })
    await answersAfter(700)
    await line.faults.set({ kind: 'slowStart', delayMs: 400, requests: 1 })
    await answersAfter(400)
    expect(await wire.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
    await line.faults.set({ kind: 'flappingUnit', unit: 1, onMs: 1000, offMs: 500 })
    expect(await wire.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
    clock.advance(milliseconds(1000))
    wire.write(VOLTAGE_3)
    await turns()
    clock.advance(milliseconds(500))
    await turns()
    expect(wire.unread()).toBe('')
    expect(await wire.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
  })

  test('at a baud rate, request, turn-around and answer take their time', async () => {
    const clock = new FakeClock()
    const end: LineEnd = { kind: 'rtu-tcp', host: '127.0.0.1', port: 0 }
    const unit = { unit: 1, profile: profileOf('janitza-umg'), picture: () => flowing, turnaroundMs: 20 }
    const line = await startVirtualLine({ end, clock, baud: 19_200, units: [unit] })
    cleanUps.push(() => line.stop())
    const wire = await openLine(line.port)
    cleanUps.push(wire.close)
    wire.write(VOLTAGE_3)
    await turns()
    // 17 bytes of 11 bits at 19,200 a second, and the turn-around.
    clock.advance(milliseconds((17 * 11 * 1000) / 19_200 + 20 - 0.1))
    await turns()
    expect(wire.unread().length).toBeLessThan(18)
    clock.advance(milliseconds(0.2))
    expect(await wire.bytes(9)).toBe(frame(ANSWER))
  })

  test('a request that leaves the line too little rest for the meter is counted', async () => {
    const { clock, dial, line } = await bench({ profile: 'eastron-sdm630' })
    const wire = await dial()
    const energy = frame('010400480002')
    const gap = profileOf('eastron-sdm630').limits.minGapMs ?? 0
    expect(gap).toBeGreaterThan(0)
    await wire.ask(energy, 9)
    clock.advance(milliseconds(gap))
    await wire.ask(energy, 9)
    expect(line.counters()).toMatchObject({ requests: 2, gapViolations: 0 })
    clock.advance(milliseconds(gap - 2))
    await wire.ask(energy, 9)
    expect(line.counters()).toMatchObject({ requests: 3, gapViolations: 1 })
  })

  test('of two requests at once a gateway with one place loses the second', async () => {
    const clock = new FakeClock()
    const unit = { unit: 1, profile: profileOf('janitza-umg'), picture: () => flowing, turnaroundMs: 20 }
    const line = await startVirtualLine({
      ...{ end: { kind: 'rtu-tcp', host: '127.0.0.1', port: 0 }, clock, units: [unit], oneOutstanding: true },
    })
    cleanUps.push(() => line.stop())
    const wire = await openLine(line.port)
    cleanUps.push(wire.close)
    wire.write(VOLTAGE_3 + VOLTAGE_3)
    await turns()
    clock.advance(milliseconds(100))
    await turns()
    expect(wire.unread()).toBe(frame(ANSWER))
    expect(line.counters()).toMatchObject({ requests: 2, answers: 1, overlaps: 1 })
  })
})

describe('the connection', () => {
  test('fin ends it under a request, halfOpen deafens it for good while a new one is served', async () => {
    const { dial, line } = await bench()
    const first = await dial()
    await line.faults.set({ kind: 'fin' })
    first.write(VOLTAGE_3)
    await first.ended
    const second = await dial()
    await line.faults.set({ kind: 'halfOpen' })
    second.write(VOLTAGE_3)
    expect(await (await dial()).ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
    expect(second.unread()).toBe('')
    expect(line.owing()).toBe(1)
  })

  test('a meter with one place hangs up on the second client', async () => {
    const { dial } = await bench({ singleClient: true })
    const first = await dial()
    expect(await first.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
    await (await dial()).ended
    expect(await first.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
  })

  test('a gateway cache answers for a unit that is dead', async () => {
    const { clock, dial, line, show } = await bench({ units: [1, 2] })
    const wire = await dial()
    await line.faults.set({ kind: 'gatewayCache', unit: 1, refreshMs: 60_000 })
    expect(await wire.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
    show({ voltageV: { l1: 1, l2: 1, l3: 1 } })
    await line.faults.add({ kind: 'deadUnit', unit: 1 })
    expect(await wire.ask(VOLTAGE_3, 9)).toBe(frame(ANSWER))
    expect(await wire.ask(frame('02034a3c0002'), 9)).toBe(frame('0203043f800000'))
    clock.advance(milliseconds(60_000))
    wire.write(VOLTAGE_3)
    await turns()
    expect(wire.unread()).toBe('')
  })
})

describe('a pseudo-terminal', () => {
  test('carries the same frames, vanishes, and comes back under its name', async () => {
    const { line } = await bench({ end: { kind: 'rtu' } })
    const ask = async () => {
      const port = await open(line.device, constants.O_RDWR | constants.O_NOCTTY)
      try {
        await port.write(Buffer.from(VOLTAGE_3.replaceAll(' ', ''), 'hex'))
        let heard = ''
        while (heard.length < 18) heard += (await port.read(Buffer.alloc(9), 0, 9)).buffer.toString('hex')
        return heard.slice(0, 18)
      } finally {
        await port.close()
      }
    }
    expect(await ask()).toBe(frame(ANSWER))
    const id = await line.faults.add({ kind: 'ptyGone' })
    await expect(access(line.device)).rejects.toMatchObject({ code: 'ENOENT' })
    await line.faults.end(id)
    expect(await ask()).toBe(frame(ANSWER))
    await expect(line.faults.add({ kind: 'reset' })).rejects.toMatchObject({ code: 'simulator.fault' })
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import type { MeterPicture } from './meter-picture.ts'
import { startVirtualMeter } from './virtual-meter.ts'
import { openLine } from './wire.test-kit.ts'

const profiles = await loadMeterProfiles('firmware-profiles/meters')
const flowing: MeterPicture = {
  currentA: { l1: 16.25, l2: -8.5, l3: 0 },
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

async function bench(id = 'janitza-umg', unit = 1) {
  const profile = profiles.get(id)
  if (!profile) throw new TypeError(id)
  let picture = flowing
  const meter = await startVirtualMeter({ profile, host: '127.0.0.1', port: 0, unit, picture: () => picture })
  cleanUps.push(() => meter.stop())
  return {
    meter,
    show: (more: Partial<MeterPicture>) => {
      picture = { ...picture, ...more }
    },
    line: async () => {
      const wire = await openLine(meter.port)
      cleanUps.push(wire.close)
      return wire
    },
  }
}

describe('the bytes on the wire', () => {
  test.each([
    [
      'voltage l3 and what lies behind it, float32',
      'janitza-umg',
      '0102 0000 0006 01 03 4a3c 0004',
      '0102 0000 000b 01 03 08 43668000 00000000',
    ],
    [
      'currents as magnitudes, float32',
      'janitza-umg',
      '0001 0000 0006 01 03 4a44 0006',
      '0001 0000 000f 01 03 0c 41820000 41080000 00000000',
    ],
    [
      'powers with their sign, float32',
      'janitza-umg',
      '0001 0000 0006 01 03 4a4c 0004',
      '0001 0000 000b 01 03 08 45699800 c4f46000',
    ],
    [
      'import in kWh, input register',
      'eastron-sdm630',
      'ffff 0000 0006 01 04 0048 0002',
      'ffff 0000 0007 01 04 04 44000000',
    ],
    [
      'voltage in tenths, unsigned',
      'abb-b23',
      '0001 0000 0006 01 03 5b00 0002',
      '0001 0000 0007 01 03 04 000008fc',
    ],
    [
      'power in hundredths, signed',
      'abb-b23',
      '0001 0000 0006 01 03 5b16 0004',
      '0001 0000 000b 01 03 08 0005b3f6 fffd0454',
    ],
    [
      'export in tens of Wh, 64 bit',
      'abb-b23',
      '0001 0000 0006 01 03 5004 0004',
      '0001 0000 000b 01 03 08 0000000000000040',
    ],
    [
      'import of two tariffs, float64',
      'siemens-pac',
      '0001 0000 0006 01 03 0321 0008',
      '0001 0000 0013 01 03 10 411f400000000000 0000000000000000',
    ],
    [
      'the type of the device',
      'abb-b23',
      '0001 0000 0006 01 03 8960 0002',
      '0001 0000 0007 01 03 04 42323320',
    ],
    [
      'the serial number, holding register',
      'eastron-sdm630',
      '0001 0000 0006 01 03 fc00 0002',
      '0001 0000 0007 01 03 04 0012d687',
    ],
  ])('%s (%s)', async (_, id, request, reply) => {
    const line = await (await bench(id)).line()
    const expected = reply.replaceAll(' ', '')
    expect(await line.ask(request, expected.length / 2)).toBe(expected)
    expect(line.unread()).toBe('')
  })

  test('a request in single bytes and two in one packet are each answered once', async () => {
    const { line, meter } = await bench()
    const wire = await line()
    for (const byte of Buffer.from('00010000000601034a3c0002', 'hex'))
      wire.write(byte.toString(16).padStart(2, '0'))
    await wire.bytes(13)
    wire.write('000200000006 01 03 4a3c 0002 000300000006 01 03 4a3c 0002')
    expect(await wire.bytes(26)).toBe('00020000000701030443668000' + '00030000000701030443668000')
    expect(meter.requests()).toBe(3)
  })
})

describe('it is as strict as a device', () => {
  test.each([
    ['a function it lacks is exception 1', 'janitza-umg', '06 4a38 0001', '86 01'],
    ['a register below its map is exception 2', 'janitza-umg', '03 4a37 0003', '83 02'],
    ['a register above its map is exception 2', 'janitza-umg', '03 4a84 0004', '83 02'],
    ['a table it does not have is exception 2', 'janitza-umg', '04 4a38 0002', '84 02'],
    ['a request that begins inside a value is exception 2', 'janitza-umg', '03 4a39 0003', '83 02'],
    ['a request that ends inside a value is exception 2', 'janitza-umg', '03 4a38 0003', '83 02'],
    ['no registers is exception 3', 'janitza-umg', '03 4a38 0000', '83 03'],
    ['more registers than it allows is exception 3', 'janitza-umg', '03 4a38 004f', '83 03'],
    ['more registers than fit a frame is exception 3', 'abb-b23', '03 5000 007e', '83 03'],
    ['a request cut short is exception 3', 'janitza-umg', '03 4a38', '83 03'],
  ])('%s', async (_, id, request, reply) => {
    const line = await (await bench(id)).line()
    const body = request.replaceAll(' ', '')
    const length = (1 + body.length / 2).toString(16).padStart(4, '0')
    expect(await line.ask(`00010000${length}01${body}`, 9)).toBe(`00010000000301${reply.replaceAll(' ', '')}`)
  })

  test('a unit it is not is answered as a gateway does: exception 11', async () => {
    const line = await (await bench()).line()
    expect(await line.ask('000100000006 07 03 4a38 0002', 9)).toBe('00010000000307830b')
  })

  test.each([
    ['of another protocol', '000100010006 01 03 4a38 0002'],
    ['without a body', '0001000000010103'],
    ['longer than any frame', '0001000000ff0103'],
  ])('a frame %s ends the connection', async (_, frame) => {
    const line = await (await bench()).line()
    line.write(frame)
    await line.ended
    expect(line.unread()).toBe('')
  })
})

describe('each fault', () => {
  const VOLTAGE_3 = '000100000006 01 03 4a3c 0002'
  const ANSWER = '000100000007 01 03 04 43668000'.replaceAll(' ', '')

  test('dropReply takes a request and says nothing; afterwards it answers again', async () => {
    const { line, meter } = await bench()
    const wire = await line()
    await meter.faults.set({ kind: 'dropReply' })
    wire.write(VOLTAGE_3)
    while (meter.requests() === 0) await new Promise((resolve) => setImmediate(resolve))
    await meter.faults.set({ kind: 'none' })
    expect(await wire.ask('0002'.concat(VOLTAGE_3.slice(4)), 13)).toBe('0002'.concat(ANSWER.slice(4)))
    expect(wire.unread()).toBe('')
  })

  test('refuse hangs up and takes no connection until it ends, then listens on the same port', async () => {
    const { line, meter } = await bench()
    const wire = await line()
    await meter.faults.set({ kind: 'refuse' })
    await wire.ended
    await expect(line()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await meter.faults.set({ kind: 'none' })
    expect(await (await line()).ask(VOLTAGE_3, 13)).toBe(ANSWER)
  })

  test('reset cuts the connection under a request', async () => {
    const { line, meter } = await bench()
    const wire = await line()
    await meter.faults.set({ kind: 'reset' })
    wire.write(VOLTAGE_3)
    await wire.ended
    expect(wire.unread()).toBe('')
  })

  test('stale keeps answering what it held when it froze', async () => {
    const { line, meter, show } = await bench()
    const wire = await line()
    await meter.faults.set({ kind: 'stale' })
    show({ voltageV: { l1: 1, l2: 1, l3: 1 } })
    expect(await wire.ask(VOLTAGE_3, 13)).toBe(ANSWER)
    await meter.faults.set({ kind: 'none' })
    expect(await wire.ask(VOLTAGE_3, 13)).toBe('0001000000070103043f800000')
  })

  test('exception answers with its code', async () => {
    const { line, meter } = await bench()
    await meter.faults.set({ kind: 'exception', code: 4 })
    expect(await (await line()).ask(VOLTAGE_3, 9)).toBe('000100000003018304')
  })

  test('lateReply keeps each answer until the next request came', async () => {
    const { line, meter } = await bench()
    const wire = await line()
    await meter.faults.set({ kind: 'lateReply' })
    wire.write(VOLTAGE_3)
    expect(await wire.ask('0002'.concat(VOLTAGE_3.slice(4)), 13)).toBe(ANSWER)
    expect(wire.unread()).toBe('')
  })

  test('zeroFill answers 0 in every register, in the right length', async () => {
    const { line, meter } = await bench()
    await meter.faults.set({ kind: 'zeroFill' })
    expect(await (await line()).ask(VOLTAGE_3, 13)).toBe('00010000000701030400000000')
  })

  test.each([
    ['NaN where numbers are floats', 'janitza-umg', '4a3c', '7fc00000'],
    ['the sentinel where the map has one', 'abb-b23', '5b16', '7fffffff'],
    ['all ones where the map says so', 'abb-b23', '5b00', 'ffffffff'],
  ])('nan is %s', async (_, id, address, words) => {
    const { line, meter } = await bench(id)
    await meter.faults.set({ kind: 'nan' })
    expect(await (await line()).ask(`000100000006 01 03 ${address} 0002`, 13)).toBe(
      `000100000007010304${words}`,
    )
  })
})

test('a port in use is named', async () => {
  const { meter } = await bench()
  const profile = profiles.get('janitza-umg')
  if (!profile) throw new TypeError('no profile')
  const again = startVirtualMeter({
    profile,
    host: '127.0.0.1',
    port: meter.port,
    unit: 1,
    picture: () => flowing,
  })
  await expect(again).rejects.toMatchObject({
    code: 'simulator.meter-port',
    message: expect.stringContaining(`127.0.0.1:${meter.port}`),
  })
})

test('stopping lets go of every connection', async () => {
  const { line, meter } = await bench()
  const wire = await line()
  await meter.stop()
  await wire.ended
})

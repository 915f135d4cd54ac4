import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { type RtuAsked, rtuPeer, until } from '@busbar/testing/rtu-peer.ts'
import modbus from 'modbus-serial'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Block } from './plan-reads.ts'

// What the client is built around. When one of these fails after an upgrade, look at modbus-client.ts again.
describe('modbus-serial, as it is', () => {
  let server: Server
  let peer: Socket | undefined
  let port: number
  let client: InstanceType<typeof modbus.default>
  const heard: string[] = []

  beforeEach(async () => {
    peer = undefined
    heard.length = 0
    server = createServer((socket) => {
      peer = socket
      socket.on('error', () => socket.destroy())
      socket.resume()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' && address ? address.port : 0
    client = new modbus.default()
    client.on('close', () => heard.push('close'))
    client.on('error', () => heard.push('error'))
    await client.connectTCP('127.0.0.1', { port })
    await until(() => peer !== undefined)
  })
  afterEach(() => {
    client.destroy(() => undefined)
    peer?.destroy()
    server.close()
  })

  async function turns(): Promise<void> {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const read = () => {
    const told: unknown[] = []
    client.writeFC3(1, 0, 2, (error) => told.push(error))
    return told
  }

  test('trap 7: destroying leaves what is pending without an answer', async () => {
    const told = read()
    client.destroy(() => undefined)
    await turns()
    expect(told).toEqual([])
  })

  test('trap 8: a reset is told to nobody; only isOpen knows', async () => {
    const told = read()
    peer?.resetAndDestroy()
    await until(() => !client.isOpen)
    await turns()
    expect(heard).toEqual([])
    expect(told).toEqual([])
  })

  test('trap 9: destroying without a callback throws', () => {
    expect(() => client.destroy()).toThrow(TypeError)
  })

  test('trap 12: a closed port is reported by something that is no Error', async () => {
    peer?.resetAndDestroy()
    await until(() => !client.isOpen)
    const told = read()
    expect(told).toMatchObject([{ errno: 'ECONNREFUSED' }])
    expect(told[0]).not.toBeInstanceOf(Error)
  })

  test('trap 13: options handed over are changed', async () => {
    const other = new modbus.default()
    const options = { port, socketOpts: {} }
    other.setTimeout(1000)
    await other.connectTCP('127.0.0.1', options)
    expect(options).toEqual({ port, timeout: 1000 })
    other.destroy(() => undefined)
  })
})

// What late answers do on a line of serial frames, and the private field by which they are thrown away.
describe('modbus-serial on serial frames, as it is', () => {
  const cleanUps: (() => unknown)[] = []
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  })

  async function connect(handle: (asked: RtuAsked) => void) {
    const peer = await rtuPeer(handle)
    const client = new modbus.default()
    cleanUps.push(
      () => peer.close(),
      () => client.destroy(() => undefined),
    )
    await client.connectTelnet('127.0.0.1', { port: peer.port })
    const read = (addr: number, unit = 1) => {
      const told: (readonly number[] | Error)[] = []
      client.writeFC3(unit, addr, 2, (error, result) => told.push(result?.data ?? error ?? []))
      return told
    }
    return { peer, client, read }
  }

  test('trap 1: one late answer shifts every later one, silently', async () => {
    let held: Buffer | undefined
    const { peer, read } = await connect((asked) => {
      if (held) asked.send(held)
      held = asked.answer(1000 + asked.addr)
    })
    const late = read(10)
    await until(() => peer.asked.length === 1)
    // Its deadline is over for us; the next one is asked.
    const wrong = read(20)
    await until(() => wrong.length + late.length === 1)
    expect(wrong).toEqual([[1010, 1011]])
  })

  test('trap 1: the buffer that must be emptied is where we look for it', async () => {
    const { client, peer, read } = await connect((asked) => asked.send(Buffer.of(9, 9, 9)))
    read(10)
    const bufferOf = () => (client as unknown as { _port: { _buffer: Buffer } })._port._buffer
    await until(() => peer.asked.length === 1 && bufferOf().length === 3)
    expect(Buffer.isBuffer(bufferOf())).toBe(true)
  })

  test('trap 2: bytes left over are searched for the next header', async () => {
    const { peer, read } = await connect((asked) => {
      const first = peer.asked[0]
      if (asked.unit === 2 && first) asked.send(Buffer.concat([first.answer(0x0203), asked.answer()]))
    })
    read(10)
    await until(() => peer.asked.length === 1)
    const next = read(20, 2)
    await until(() => next.length === 1)
    expect(String(next[0])).toContain('CRC error')
  })

  test('trap 16: a request for the server id is never sent', async () => {
    const { client, peer, read } = await connect((asked) => asked.send(asked.answer()))
    const told: unknown[] = []
    const { writeFC17 } = client as unknown as { writeFC17: (...of: unknown[]) => void }
    writeFC17.call(client, 1, 0, 0, (error: unknown) => told.push(error))
    const after = read(10)
    await until(() => after.length === 1)
    expect(peer.asked.map(({ frame }) => frame[1])).toEqual([3])
    expect(told).toEqual([])
  })
})

test('traps 3, 5, 13, 14 and 20: only two files know the library, and only three ways to connect and two to ask', () => {
  const sources = readdirSync('edge/adapters/modbus').filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const text = (file: string) => readFileSync(`edge/adapters/modbus/${file}`, 'utf8')
  expect(sources.filter((file) => text(file).includes("from 'modbus-serial'"))).toEqual([
    'modbus-client.ts',
    'wire.ts',
  ])
  const calls = [...`${text('modbus-client.ts')}${text('wire.ts')}`.matchAll(/#modbus\.(\w+)\(/g)].map(
    (match) => match[1],
  )
  expect([...new Set(calls)].sort()).toEqual([
    ...['connectRTUBuffered', 'connectTCP', 'connectTelnet', 'destroy', 'on', 'writeFC3', 'writeFC4'],
  ])
})

test('trap 15: nothing but reads of registers can be asked for', () => {
  // @ts-expect-error function 23 is not among them
  const block: Block = { functionCode: 23, addr: 0, count: 1 }
  expect([3, 4]).not.toContain(block.functionCode)
})

test('trap 22: without the serial binding a line is closed and says why; everything else runs', async () => {
  const { stdout } = await run(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '--eval',
    WITHOUT_BINDING,
  ])
  expect(JSON.parse(stdout)).toMatchObject({
    failed: 'closed',
    reason: expect.stringContaining('serial ports cannot be used here'),
  })
})

const run = promisify(execFile)
const WITHOUT_BINDING = `
import { registerHooks } from 'node:module'
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@serialport/bindings')) throw Object.assign(new Error('Cannot find the binding'), { code: 'MODULE_NOT_FOUND' })
    return next(specifier, context)
  },
})
const { ModbusClient } = await import('./edge/adapters/modbus/modbus-client.ts')
const client = new ModbusClient({ kind: 'rtu', device: '/dev/nothing', baud: 9600, parity: 'none', stopBits: 1 })
console.log(JSON.stringify(await client.connect()))
`

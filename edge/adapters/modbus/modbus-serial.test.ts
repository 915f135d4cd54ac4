import { createServer, type Server, type Socket } from 'node:net'
import modbus from 'modbus-serial'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

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

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve))
  }
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

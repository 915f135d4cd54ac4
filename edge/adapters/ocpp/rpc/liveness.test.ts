import { once } from 'node:events'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { hours, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DepotDouble, startDepot } from '../testing/depot-double.ts'
import { connect } from '../testing/raw-station.ts'

let clock: FakeClock
let depot: DepotDouble
beforeEach(async () => {
  clock = new FakeClock()
  depot = await startDepot({ clock })
})
afterEach(() => depot.csms.stop())

const ended = () => depot.of('station-disconnected').map(({ reason }) => reason)
const gone = () => depot.until((inputs) => inputs.at(-1)?.type === 'station-disconnected')

describe('T17: a peer that does not read', () => {
  test('is cut off before its answers fill the memory', async () => {
    const client = await connect(`${depot.url}/CP1`)
    client.socket.pause()
    let sent = 0
    // The id comes back with every answer.
    const pour = () => {
      for (let n = 0; n < 10; n += 1)
        client.send(JSON.stringify([2, `${sent++}${'x'.repeat(100_000)}`, 'Heartbeat', {}]))
    }
    depot.csms.onFrame(({ direction }) => {
      if (direction === 'out' && client.socket.bufferedAmount === 0) pour()
    })
    pour()
    await gone()
    expect(ended()).toEqual(['it does not read'])
    client.socket.terminate()
  })
})

describe('T18: signs of life', () => {
  test('any frame counts, so a station that never pongs stays', async () => {
    const client = await connect(`${depot.url}/CP1`, { autoPong: false })
    for (let round = 0; round < 4; round += 1) {
      const pinged = once(client.socket, 'ping')
      clock.advance(seconds(30))
      await pinged
      expect((await client.call('Heartbeat', {}))[0]).toBe(3)
    }
    expect(ended()).toEqual([])
  })

  test('a half-open connection is dead within two intervals', async () => {
    const client = await connect(`${depot.url}/CP1`, { autoPong: false })
    const pinged = once(client.socket, 'ping')
    clock.advance(seconds(30))
    await pinged
    clock.advance(seconds(30))
    await gone()
    expect(ended()).toEqual(['no sign of life'])
  })

  test('a jump of the clock kills nobody', async () => {
    const client = await connect(`${depot.url}/CP1`)
    const pinged = once(client.socket, 'ping')
    clock.advance(hours(2))
    await pinged
    expect((await client.call('Heartbeat', {}))[0]).toBe(3)
    expect(ended()).toEqual([])
  })
})

describe('T19: shutdown', () => {
  test('says goodbye', async () => {
    const client = await connect(`${depot.url}/CP1`)
    await depot.csms.stop()
    expect(await client.closed).toBe(1001)
    expect(ended()).toEqual(['shutdown'])
  })

  test('lets the call in work be answered', async () => {
    const commit = Promise.withResolvers<void>()
    depot.onInput = ({ type }) => (type === 'transaction-started' ? { durable: commit.promise } : undefined)
    const client = await connect(`${depot.url}/CP1`)
    const answer = client.call('StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 0 })
    await depot.until((inputs) => inputs.at(-1)?.type === 'transaction-started')
    const stopped = depot.csms.stop()
    commit.resolve()
    expect((await answer)[0]).toBe(3)
    await stopped
    expect(await client.closed).toBe(1001)
  })

  test('takes 10 s at the most, even with a handler that is stuck', async () => {
    depot.onInput = (input) =>
      input.type === 'authorize' ? { outcome: new Promise(() => undefined) } : undefined
    const client = await connect(`${depot.url}/CP1`)
    client.send('[2,"a","Authorize",{"idTag":"A"}]')
    await depot.until((inputs) => inputs.at(-1)?.type === 'authorize')
    const stopped = depot.csms.stop()
    clock.advance(seconds(10))
    await stopped
    await client.closed
    expect(depot.csms.activity()).toMatchObject({ working: 0, callsPending: 0 })
  })
})

describe('T20: the size of a frame', () => {
  const values = (bytes: number) =>
    JSON.stringify([2, 'big', 'MeterValues', { connectorId: 1, padding: 'x'.repeat(bytes) }])

  test('of 2 MiB ends the connection, and the next one serves', async () => {
    const client = await connect(`${depot.url}/CP1`)
    client.send(values(2 * 1024 * 1024))
    expect([1006, 1009]).toContain(await client.closed)
    await gone()
    expect(ended()).toEqual(['Max payload size exceeded'])
    const next = await connect(`${depot.url}/CP1`)
    expect((await next.call('Heartbeat', {}))[0]).toBe(3)
  })

  test('of just under 1 MiB passes: a night of transaction data fits', async () => {
    const client = await connect(`${depot.url}/CP1`)
    client.send(values(1024 * 1024 - 200))
    expect((await client.next(([, id]) => id === 'big'))[0]).toBe(3)
  })

  test('cannot be hidden by compression, which is off', async () => {
    const client = await connect(`${depot.url}/CP1`, { perMessageDeflate: true })
    expect(client.socket.extensions).toBe('')
  })
})

import { once } from 'node:events'
import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DepotDouble, startDepot } from '../testing/depot-double.ts'
import { connect } from '../testing/raw-station.ts'
import { exchange, upgradeRequest } from '../testing/raw-tcp.ts'

let clock: FakeClock
let depot: DepotDouble
beforeEach(async () => {
  clock = new FakeClock()
  depot = await startDepot({ clock })
})
afterEach(() => depot.csms.stop())

const comings = () =>
  depot.inputs.flatMap((input) =>
    input.type === 'station-connected' || input.type === 'station-disconnected'
      ? [[input.type, input.connection]]
      : [],
  )
const sendReset = () =>
  depot.csms.commands.send(
    as<StationId>('CP1'),
    { kind: 'reset', mode: 'OnIdle' },
    { priority: 'operator', deadline: seconds(30) },
  )

describe('T5: a second connection for one identity', () => {
  test('is refused while the first is alive, which never notices', async () => {
    const first = await connect(`${depot.url}/CP1`)
    expect(await exchange(depot.url, upgradeRequest('/CP1'))).toMatch(/^HTTP\/1.1 409 /)
    expect(depot.events[0]).toMatchObject({
      kind: 'identity.duplicate',
      station: 'CP1',
      holder: expect.stringMatching(/^127\.0\.0\.1:/),
      newcomer: expect.stringMatching(/^127\.0\.0\.1:/),
    })
    expect((await first.call('Heartbeat', {}))[0]).toBe(3)
    expect(comings()).toEqual([['station-connected', 1]])
  })

  test('replaces a half-open one after 4 s with the next generation', async () => {
    const dead = await connect(`${depot.url}/CP1`, { autoPong: false })
    const probed = once(dead.socket, 'ping')
    const arriving = connect(`${depot.url}/CP1`)
    await probed
    expect(comings()).toEqual([['station-connected', 1]])
    clock.advance(seconds(4))
    const second = await arriving
    await dead.closed
    expect(comings()).toEqual([
      ['station-connected', 1],
      ['station-disconnected', 1],
      ['station-connected', 2],
    ])
    expect((await second.call('Heartbeat', {}))[0]).toBe(3)
  })

  test('is untouched by the late end of the one it replaced, and gets the commands', async () => {
    const dead = await connect(`${depot.url}/CP1`, { autoPong: false })
    const unanswered = sendReset()
    await dead.next(([type]) => type === 2)
    const probed = once(dead.socket, 'ping')
    const arriving = connect(`${depot.url}/CP1`)
    await probed
    clock.advance(seconds(4))
    const second = await arriving
    expect(await unanswered).toMatchObject({ status: 'unanswered', reason: 'disconnected' })
    await dead.closed
    const reset = sendReset()
    const [, id] = await second.next(([type]) => type === 2)
    second.send(JSON.stringify([3, id, { status: 'Accepted' }]))
    expect(await reset).toEqual({ status: 'accepted' })
    expect(comings().at(-1)).toEqual(['station-connected', 2])
  })

  test('counts any frame of the first as life, since some stations never pong', async () => {
    const pongless = await connect(`${depot.url}/CP1`, { autoPong: false })
    pongless.socket.on('ping', () => pongless.send('[2,"1","Heartbeat",{}]'))
    expect(await exchange(depot.url, upgradeRequest('/CP1'))).toMatch(/^HTTP\/1.1 409 /)
    expect(comings()).toEqual([['station-connected', 1]])
  })

  test('waits its turn: only one claim is settled at a time', async () => {
    const dead = await connect(`${depot.url}/CP1`, { autoPong: false })
    const probed = once(dead.socket, 'ping')
    const arriving = connect(`${depot.url}/CP1`)
    await probed
    expect(await exchange(depot.url, upgradeRequest('/CP1'))).toMatch(/^HTTP\/1.1 409 /)
    clock.advance(seconds(4))
    await arriving
    expect(depot.events.map(({ kind }) => kind)).toEqual(['refused'])
  })

  test('proves nothing without credentials: the first is not even pinged', async () => {
    await connect(`${depot.url}/CP1`)
    const { pending } = clock
    expect(await exchange(depot.url, upgradeRequest('/CP9'))).toMatch(/^HTTP\/1.1 401 /)
    expect(clock.pending).toBe(pending)
  })
})

test('a station that comes back after a clean end gets the next generation at once', async () => {
  const first = await connect(`${depot.url}/CP1`)
  await first.close()
  await depot.until((inputs) => inputs.at(-1)?.type === 'station-disconnected')
  await connect(`${depot.url}/CP1`)
  expect(comings().at(-1)).toEqual(['station-connected', 2])
})

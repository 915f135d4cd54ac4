import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { milliseconds, monotonic, seconds } from '@busbar/units/time.ts'
import { beforeEach, expect, test } from 'vitest'
import { reconnectPause } from './backoff.ts'
import { StatePublisher } from './state-publisher.ts'

let clock: FakeClock
let publisher: StatePublisher
let sent: { at: number; name: string; retain: boolean; json: unknown }[]

const wire = {
  publish: async (name: string, payload: Buffer | string, how: { retain: boolean }) => {
    sent.push({ at: clock.monotonic(), name, retain: how.retain, json: JSON.parse(String(payload)) })
  },
  drained: async () => undefined,
  lastReceived: () => monotonic(0),
}
const frame = { epoch: 'e', boot_id: 'b' }

beforeEach(() => {
  clock = new FakeClock()
  sent = []
  publisher = new StatePublisher(clock, {
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  })
})

/** Passes time in small steps, so that what is begun at each is finished there. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    clock.advance(milliseconds(Math.min(50, left)))
    await Promise.resolve()
    await Promise.resolve()
  }
}

test('pictures are spaced by 5 s and the newest wins; an urgent one goes at once', async () => {
  publisher.put({ text: 'before' }, false)
  publisher.attach(wire, frame)
  await pass(50)
  for (let n = 1; n <= 10; n++) {
    publisher.put({ text: n }, false)
    await pass(1000)
  }
  expect(sent.map(({ json }) => json)).toMatchObject([
    { text: 'before', n: 1 },
    { text: 5, n: 2 },
    { text: 10, n: 3 },
  ])
  publisher.put({ text: 'urgent' }, true)
  await pass(250)
  expect(sent.at(-1)).toMatchObject({
    name: 'state',
    retain: true,
    json: { text: 'urgent', v: 1, ...frame, n: 4 },
  })
})

test('without change the picture is sent anew each minute, and again after every connect', async () => {
  publisher.put({ text: 'still' }, false)
  publisher.attach(wire, frame)
  await pass(61_000)
  expect(sent).toHaveLength(2)
  publisher.detach()
  publisher.put({ text: 'offline' }, true)
  await pass(70_000)
  expect(sent).toHaveLength(2)
  publisher.attach(wire, frame)
  await pass(50)
  expect(sent.at(-1)?.json).toMatchObject({ text: 'offline', n: 3 })
  publisher.detach()
  expect(clock.pending).toBe(0)
})

test('reconnects are spread over a ceiling that doubles from 1 s to 60 s', () => {
  expect([0, 1, 5, 6, 30].map((failures) => reconnectPause(failures, 1 - 1e-9) / 1000)).toEqual(
    [1, 2, 32, 60, 60].map((s) => expect.closeTo(s, 3)),
  )
  expect(reconnectPause(30, 0)).toBe(seconds(0))
})

import { SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { milliseconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LanDouble, startLan } from './testing/lan-double.ts'
import { PlainHttp } from './testing/plain-http.ts'

let lan: LanDouble
let clock: FakeClock
beforeEach(async () => {
  clock = new FakeClock()
  lan = await startLan(clock)
})
afterEach(() => lan.stop())

const LISTEN = 'GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'

async function listen(): Promise<PlainHttp> {
  const reader = await PlainHttp.to(lan.url)
  reader.socket.write(LISTEN)
  return reader
}

/** Names of the depot in the pictures that have come whole. */
const names = (received: string): string[] =>
  [...received.matchAll(/^event: site\ndata: (.*)\n(?=\n)/gm)].map(
    ([, data = '']) => SiteView.parse(JSON.parse(data)).depot.name,
  )

const rename = (name: string) => lan.show({ depot: { id: 'yard', name, virtual: true, time_zone: 'UTC' } })
const turn = () => new Promise<void>((done) => setImmediate(done))

test('a reader gets the picture at once and then each change', async () => {
  const reader = await listen()
  await reader.until((text) => names(text).length === 1)
  expect(reader.received).toContain('content-type: text/event-stream')
  rename('Changed')
  lan.http.changed()
  await reader.until((text) => names(text).length === 2)
  expect(names(reader.received)).toEqual(['Yard', 'Changed'])
})

test('changes that come faster than the spacing are one picture, the newest', async () => {
  const reader = await listen()
  await reader.until((text) => names(text).length === 1)
  for (const name of ['1', '2', '3']) {
    rename(name)
    lan.http.changed()
    await reader.until((text) => names(text).length >= 2)
  }
  expect(names(reader.received)).toEqual(['Yard', '1'])
  clock.advance(milliseconds(249))
  expect(clock.pending).toBe(1)
  clock.advance(milliseconds(1))
  await reader.until((text) => names(text).length === 3)
  expect(names(reader.received)).toEqual(['Yard', '1', '3'])
})

test('a picture is built once for all readers, and not at all while nobody reads', async () => {
  lan.http.changed()
  expect(lan.pictures()).toBe(0)
  const readers = [await listen(), await listen()]
  for (const reader of readers) await reader.until((text) => names(text).length === 1)
  expect(lan.pictures()).toBe(2)
  lan.http.changed()
  for (const reader of readers) await reader.until((text) => names(text).length === 2)
  expect(lan.pictures()).toBe(3)
})

test('no more than 64 read at a time; when one leaves, the next may', async () => {
  const readers = await Promise.all(Array.from({ length: 64 }, listen))
  await Promise.all(readers.map((reader) => reader.until((text) => names(text).length === 1)))
  const refused = await fetch(`${lan.url}/api/v1/live`)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('content-type')).toContain('application/problem+json')
  expect(await refused.json()).toMatchObject({ title: 'Too many readers' })
  readers[0]?.socket.destroy()
  await expect.poll(() => enters()).toBe(true)
})

async function enters(): Promise<boolean> {
  const answer = await fetch(`${lan.url}/api/v1/live`)
  await answer.body?.cancel()
  return answer.ok
}

const push = (name: string) => {
  rename(name)
  clock.advance(milliseconds(250))
  lan.http.changed()
}

/** Sends more than a connection holds while its reader reads nothing. */
async function fallBehind(reader: PlainHttp): Promise<void> {
  await reader.until((text) => names(text).length === 1)
  reader.socket.pause()
  for (let n = 1; n <= PUSHED; n++) {
    push(`${n} ${'x'.repeat(1_000_000)}`)
    for (let turns = 0; turns < 5; turns++) await turn()
  }
}
const PUSHED = 40

test('a reader that is slow gets the newest picture, not all that it missed', async () => {
  const reader = await listen()
  await fallBehind(reader)
  push('the end')
  reader.socket.resume()
  await reader.until((text) => text.includes('"name":"the end"'))
  expect(reader.received.match(/^event: site$/gm)?.length).toBeLessThan(PUSHED / 2)
})

/** Resolves when nobody is sent pictures any more. */
async function untilNobodyReads(): Promise<void> {
  for (let before = -1; before !== lan.pictures(); ) {
    await turn()
    before = lan.pictures()
    push('more')
  }
}

test('a reader that leaves is forgotten', async () => {
  const reader = await listen()
  await reader.until((text) => names(text).length === 1)
  reader.socket.destroy()
  await untilNobodyReads()
})

test('a reader that leaves while it is behind is forgotten too', async () => {
  const reader = await listen()
  await fallBehind(reader)
  reader.socket.destroy()
  await untilNobodyReads()
})

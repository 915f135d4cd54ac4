import { readFile, writeFile } from 'node:fs/promises'
import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { type Duration, hours, instant, milliseconds, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import type { LoggedMessage } from '../../domain/ports/message-log.ts'
import { MessageQueue } from './message-queue.ts'
import type { SqliteStore } from './sqlite-store.ts'
import { TestStores } from './test-stores.ts'

const clock = new FakeClock()
const stores = new TestStores(clock)
afterEach(() => stores.remove())

const days = (n: number) => hours(24 * n)
const frame = (n: number, of: Partial<LoggedMessage> = {}): LoggedMessage => ({
  ...{ at: instant(clock.now() + n), station: as<StationId>('A-01'), connection: 1, direction: 'in' },
  ...{ kind: 'call', messageId: String(n), action: 'Heartbeat', errorCode: null, durationMs: null },
  ...{ text: `[2,"${n}","Heartbeat",{}]`, length: 22, ...of },
})
/** Adds, and reopens the store, which writes all that waits. */
async function logged(frames: readonly LoggedMessage[], options = {}): Promise<SqliteStore> {
  const folder = await stores.folder()
  const first = await stores.started(folder, options)
  for (const each of frames) first.messages.add(each)
  await first.stop()
  return stores.started(folder, options)
}
const ids = async (store: SqliteStore, query: object) =>
  (await store.messages.find({ limit: 100, ...query })).messages.map(({ messageId }) => messageId)

describe('the message log on disk', () => {
  test('gives frames back as they were, newest first', async () => {
    const frames = [frame(1), frame(2, { kind: 'error', errorCode: 'NotSupported', durationMs: 5 })]
    const { messages, next } = await (await logged(frames)).messages.find({ limit: 10 })
    expect(messages).toEqual([
      { id: 2, ...frames[1] },
      { id: 1, ...frames[0] },
    ])
    expect(next).toBeNull()
  })

  test('finds by station, action, direction, kind, time and part of the text', async () => {
    const store = await logged([
      frame(1, { station: as<StationId>('B-01') }),
      frame(2, { action: 'Reset', direction: 'out' }),
      frame(3, { kind: 'unreadable', action: null, text: "100 % 'odd' _text" }),
      frame(4),
    ])
    expect(await ids(store, { station: 'B-01' })).toEqual(['1'])
    expect(await ids(store, { action: 'Reset' })).toEqual(['2'])
    expect(await ids(store, { direction: 'out' })).toEqual(['2'])
    expect(await ids(store, { kind: 'unreadable' })).toEqual(['3'])
    expect(await ids(store, { text: "% 'odd' _" })).toEqual(['3'])
    expect(await ids(store, { from: clock.now() + 2, to: clock.now() + 4 })).toEqual(['3', '2'])
  })

  test('goes on page by page and looks at a bounded number each time', async () => {
    const many = Array.from({ length: 21_000 }, (_, n) => frame(n, n === 5 ? { text: 'needle' } : {}))
    const store = await logged(many)
    const first = await store.messages.find({ limit: 3 })
    expect(first.messages.map(({ messageId }) => messageId)).toEqual(['20999', '20998', '20997'])
    expect(await ids(store, { limit: 1, before: first.next ?? 0 })).toEqual(['20996'])
    const searched = await store.messages.find({ limit: 3, text: 'needle' })
    expect(searched.messages).toEqual([])
    expect(await ids(store, { text: 'needle', before: searched.next ?? 0 })).toEqual(['5'])
  })

  test('lets frames older than two weeks go', async () => {
    const store = await logged([frame(-days(15)), frame(-days(13)), frame(0)])
    expect(await ids(store, {})).toEqual(['0', String(-days(13))])
  })

  test('stays below its size, the oldest first, and says what it holds', async () => {
    const text = 'x'.repeat(2000)
    const store = await logged(
      Array.from({ length: 12_000 }, (_, n) => frame(n, { text })),
      { messageCapBytes: 8e6 },
    )
    const { bytes, messages, from, capBytes } = await store.messages.use()
    expect(bytes).toBeLessThan(8e6)
    expect(messages).toBeGreaterThan(1500)
    expect(capBytes).toBe(8e6)
    expect(from).toBe(clock.now() + 12_000 - messages)
    expect(await ids(store, { limit: 1 })).toEqual(['11999'])
  })

  test('sets a damaged file aside and starts anew', async () => {
    const folder = await stores.folder()
    const problems: string[] = []
    await writeFile(`${folder}/messages.sqlite`, 'no database'.repeat(1000))
    const store = await stores.started(folder, { onProblem: (text) => void problems.push(text) })
    expect(await ids(store, {})).toEqual([])
    expect(problems.join()).toContain('messages.sqlite')
    expect(await readFile(`${folder}/messages.sqlite.damaged`, 'utf8')).toContain('no database')
  })
})

describe('frames on their way to the disk', () => {
  const queue = (write: (group: readonly LoggedMessage[]) => Promise<void>, capacity = 20_000) =>
    new MessageQueue({ clock, capacity, write })
  const turn = async (by: Duration = seconds(1)) => {
    clock.advance(by)
    for (let n = 0; n < 10; n++) await Promise.resolve()
  }

  test('are written in groups, one at a time', async () => {
    const sizes: number[] = []
    const ends: (() => void)[] = []
    const log = queue((group) => {
      sizes.push(group.length)
      return new Promise((done) => ends.push(done))
    })
    for (let n = 0; n < 2500; n++) log.add(frame(n))
    await turn(milliseconds(499))
    expect(sizes).toEqual([])
    await turn()
    await turn()
    expect(sizes).toEqual([2000])
    ends[0]?.()
    await turn()
    await turn()
    expect(sizes).toEqual([2000, 500])
  })

  test('are let go and counted when the disk hangs, the newest stay', async () => {
    const kept: string[] = []
    let end: () => void = () => undefined
    const log = queue((group) => {
      kept.push(...group.map(({ messageId }) => messageId ?? ''))
      return new Promise((done) => {
        end = done
      })
    }, 1000)
    log.add(frame(0))
    await turn()
    for (let n = 1; n <= 9000; n++) log.add(frame(n))
    end()
    await turn()
    await turn()
    expect(log.dropped).toBeGreaterThan(5000)
    expect(kept.length + log.dropped).toBeLessThanOrEqual(9001)
    expect(kept[0]).toBe('0')
  })

  test('that the store refuses are counted, and the next are tried', async () => {
    let works = false
    const kept: readonly LoggedMessage[][] = []
    const log = queue(async (group) => {
      if (!works) throw new RangeError('no')
      ;(kept as LoggedMessage[][]).push([...group])
    })
    log.add(frame(1))
    await turn()
    works = true
    log.add(frame(2))
    await turn()
    expect(log.dropped).toBe(1)
    expect(kept.flat().map(({ messageId }) => messageId)).toEqual(['2'])
  })
})

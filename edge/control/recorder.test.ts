import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { expect, test } from 'vitest'
import type { Fact } from '../domain/facts.ts'
import type { Batch, FactLog } from '../domain/ports/fact-log.ts'
import { Memory } from './memory.ts'
import { Recorder } from './recorder.ts'

/** A store whose appends a test settles one by one. */
class SlowLog implements Pick<FactLog, 'append'> {
  readonly appends: { batch: Batch; done(): void; fail(reason: string): void }[] = []

  append(batch: Batch): Promise<number> {
    return new Promise((resolve, reject) => {
      this.appends.push({ batch, done: () => resolve(0), fail: (reason) => reject(new RangeError(reason)) })
    })
  }
}

function make() {
  const log = new SlowLog()
  const warnings: string[] = []
  const recorder = new Recorder(
    log as unknown as FactLog,
    new Memory(),
    new FakeClock(),
    {
      raise: ({ text }) => warnings.push(text),
      clear: () => undefined,
    },
    () => 'synced',
  )
  const fact = (connection: number): Fact => {
    const station = as<StationId>('A')
    const data = { station, connection, protocol: 'ocpp1.6', remote_address: '' }
    return recorder.fact('StationConnected', { type: 'station', id: 'A' }, data)
  }
  const told = (index: number) =>
    log.appends[index]?.batch.facts.map((each) => ('connection' in each.data ? each.data.connection : null))
  return { log, warnings, recorder, fact, told }
}
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}
/** `waits`, `stored` or `refused`. */
function follow(promise: Promise<void>): () => Promise<string> {
  let state = 'waits'
  promise.then(
    () => {
      state = 'stored'
    },
    () => {
      state = 'refused'
    },
  )
  return async () => {
    await settle()
    return state
  }
}

test('facts that come while the store is busy go together with the next append', async () => {
  const { log, recorder, fact, told } = make()
  const [first, second, third] = [1, 2, 3].map((n) => follow(recorder.record([fact(n)])))
  expect(log.appends).toHaveLength(1)
  log.appends[0]?.done()
  expect([await first?.(), await second?.(), await third?.()]).toEqual(['stored', 'waits', 'waits'])
  expect(told(1)).toEqual([2, 3])
  log.appends[1]?.done()
  expect([await second?.(), await third?.()]).toEqual(['stored', 'stored'])
})

test('facts that the store refused go before those that came later', async () => {
  const { log, warnings, recorder, fact, told } = make()
  const first = follow(recorder.record([fact(1)]))
  const second = follow(recorder.record([fact(2)]))
  log.appends[0]?.fail('disk full')
  expect([await first(), await second()]).toEqual(['refused', 'waits'])
  expect(warnings).toEqual(['The store does not take facts: disk full'])
  expect(told(1)).toEqual([1, 2])
  log.appends[1]?.done()
  expect(await second()).toBe('stored')
  expect(recorder.unsaved).toBe(0)
})

test('facts that nobody adds to are tried again on request', async () => {
  const { log, recorder, fact, told } = make()
  recorder.note([fact(1)])
  log.appends[0]?.fail('disk full')
  await settle()
  expect(recorder.unsaved).toBe(1)
  recorder.retry()
  expect(told(1)).toEqual([1])
  recorder.retry()
  expect(log.appends).toHaveLength(2)
  log.appends[1]?.done()
  await settle()
  expect(recorder.unsaved).toBe(0)
})

test('a message that causes no fact waits for those on their way', async () => {
  const { log, recorder, fact } = make()
  expect(await follow(recorder.record([]))()).toBe('stored')
  recorder.note([fact(1)])
  const repeated = follow(recorder.record([]))
  expect(await repeated()).toBe('waits')
  log.appends[0]?.done()
  expect(await repeated()).toBe('stored')
})

import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { rtuPeer, turns } from '@busbar/testing/rtu-peer.ts'
import { milliseconds, monotonic } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Endpoint } from './endpoint.ts'
import { LateAnswers } from './late-answers.ts'
import { ModbusBus } from './modbus-bus.ts'
import { ModbusUnit } from './modbus-unit.ts'
import type { Block } from './plan-reads.ts'

const quiet = { info: () => undefined, warn: () => undefined }
const cleanUps: (() => unknown)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp()
})
const of = (count: number): Block => ({ functionCode: 3, addr: 0, count })

test('a proof has a length that no late answer can have', () => {
  const late = new LateAnswers()
  expect(late.expected(monotonic(0))).toBe(false)
  late.missed(of(2), monotonic(0))
  late.missed(of(4), monotonic(0))
  expect(late.expected(monotonic(0))).toBe(true)
  expect(late.proof([of(2), of(4), of(6)], monotonic(0))).toEqual(of(6))
  expect(late.proof([of(2), of(4)], monotonic(0))).toBeUndefined()
  expect(late.proof([{ ...of(2), functionCode: 4 }], monotonic(0))).toMatchObject({ functionCode: 4 })
  late.settled()
  expect(late.expected(monotonic(0))).toBe(false)
})

test('after ten seconds no answer is awaited any more', () => {
  const late = new LateAnswers()
  late.missed(of(2), monotonic(0))
  expect(late.expected(monotonic(10_000))).toBe(true)
  expect(late.expected(monotonic(10_001))).toBe(false)
})

describe('the late-reply fault', () => {
  const block = (addr: number): Block => ({ functionCode: 3, addr, count: 6 })
  const probes = [2, 3, 4, 5, 6].map((count): Block => ({ functionCode: 3, addr: 0, count }))

  test('never yields a value that was not asked for, whatever the delays', { timeout: 60_000 }, async () => {
    let delivered = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 450 }), fc.integer({ min: 451, max: 2500 })), {
          minLength: 3,
          maxLength: 12,
        }),
        async (delays) => {
          // A unit answers in the order it was asked, each answer marked by its request.
          let free = 0
          const clock = new FakeClock()
          const peer = await rtuPeer((asked) => {
            const begin = Math.max(free, clock.monotonic())
            free = begin + (delays[asked.seq] ?? 0)
            const answer = () => asked.send(asked.answer(1000 * asked.seq))
            if (free <= clock.monotonic()) answer()
            else clock.timer(milliseconds(free - clock.monotonic()), answer)
          })
          cleanUps.push(() => peer.close())
          const endpoint: Endpoint = { kind: 'rtu-tcp', host: '127.0.0.1', port: peer.port }
          const bus = new ModbusBus({ endpoint, clock, random: () => 1, log: quiet })
          cleanUps.push(() => bus.close())
          const unit = new ModbusUnit({
            bus,
            clock,
            endpoint,
            unit: 1,
            first: false,
            shared: false,
            minGapMs: 10,
          })
          for (let scan = 0; scan < 12; scan += 1) {
            const one = unit
              .ready(probes, (probe) => unit.read(probe))
              .then((failed) => failed ?? unit.read(block(scan * 10)))
            let result: Awaited<typeof one> | undefined
            void one.then((settled) => {
              result = settled
            })
            while (!result) {
              await turns(4)
              clock.advance(milliseconds(50))
            }
            if ('failed' in result) continue
            delivered += 1
            expect(result.words[0]).toBe(1000 * (peer.asked.length - 1))
          }
          bus.close()
          peer.close()
        },
      ),
      { numRuns: 40 },
    )
    expect(delivered).toBeGreaterThan(100)
  })
})

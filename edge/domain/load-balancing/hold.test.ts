import { amps, watts } from '@busbar/units/electricity.ts'
import { instant, milliseconds, monotonic } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { emptyLedger, type LimitLedger, type StandingLimit } from '../charging/limit-ledger.ts'
import type { StationCapabilities } from '../inputs.ts'
import { exampleEvse } from '../site/example-site.ts'
import { countedAnyway, type EvseUse, holdLevel, type LimitTimes } from './hold.ts'
import { unobserved } from './observation.ts'

const LEASE = 300_000
const NOW = monotonic(1_000_000)

const limit = (request: number, a: number, answer: StandingLimit['answer'] = 'accepted'): StandingLimit => ({
  request,
  limit: { limit_a: amps(a) },
  transaction: null,
  leaseUntil: instant(0),
  answer,
})
const ledger = (of: Partial<LimitLedger>): LimitLedger => ({ ...emptyLedger, ...of })
/** The fallback of 6 A is proven; a transaction's limits stand beside it. */
const proven = (...standing: readonly StandingLimit[]): LimitLedger =>
  ledger({ defaults: [limit(1, 6)], defaultProven: true, standing })
/** Limits answered this long ago, s. */
const answered = (...entries: readonly (readonly [request: number, ago: number])[]) =>
  new Map(
    entries.map(([request, ago]): [number, LimitTimes] => [
      request,
      {
        sentAt: monotonic(NOW - ago * 1000),
        answeredAt: monotonic(NOW - ago * 1000),
        lease: milliseconds(LEASE),
      },
    ]),
  )

const kind = (offline: StationCapabilities['offline'], startsAlone = false): StationCapabilities => ({
  offline,
  startsAlone,
  settleS: 30,
  provenToObey: false,
  limitStepA: amps(1),
  minCurrentA: amps(6),
  minPowerW: watts(5000),
})

const use: EvseUse = {
  evse: exampleEvse('A', 'c'),
  ledger: proven(),
  times: new Map(),
  observation: unobserved,
  capabilities: kind('fallback'),
  inContact: true,
  inUse: true,
  reserved: false,
  disobeying: false,
}
const idle = { inUse: false }
const lost = { inContact: false }
const drew = (a: number, secondsAgo: number) => ({
  observation: { ...unobserved, overdraw: { level: a * 1000, at: monotonic(NOW - secondsAgo * 1000) } },
})

describe('an EVSE is counted', () => {
  test.each<[string, Partial<EvseUse>, number]>([
    ['at nothing while idle, for it cannot start without us', idle, 0],
    [
      'at its fallback while idle, when it can start alone',
      { ...idle, capabilities: kind('fallback', true) },
      6,
    ],
    ['at its fallback once its start is authorised', { ...idle, reserved: true }, 6],
    ['at its fallback while a transaction cannot be excluded', {}, 6],
    ['at its rating while no default is proven', { ledger: ledger({}) }, 32],
    [
      'at its rating while its first default is only accepted',
      { ledger: ledger({ defaults: [limit(1, 6)] }) },
      32,
    ],
    [
      'at its rating when its start is authorised and no default is proven',
      { ...idle, reserved: true, ledger: ledger({}) },
      32,
    ],
    ['at nothing while idle, whatever default it has', { ...idle, ledger: ledger({}) }, 0],
    [
      'at the larger of two defaults until the smaller is proven',
      { ledger: ledger({ defaultProven: true, defaults: [limit(1, 10), limit(2, 6)] }) },
      10,
    ],
    [
      'at the larger default also while that is only on its way',
      { ledger: ledger({ defaultProven: true, defaults: [limit(1, 6), limit(2, 10, 'pending')] }) },
      10,
    ],
    ['at its limit in force', { ledger: proven(limit(2, 16)) }, 16],
    ['at its fallback when its limit is lower, for that may end', { ledger: proven(limit(2, 4)) }, 6],
    [
      'at the limit on its way, if that is higher',
      { ledger: proven(limit(2, 16), limit(3, 20, 'pending')) },
      20,
    ],
    [
      'at the limit on its way, though nobody answered',
      { ledger: proven(limit(2, 16), limit(3, 20, 'unanswered')) },
      20,
    ],
    ['at the old limit until the lower one is proven', { ledger: proven(limit(2, 16), limit(3, 8)) }, 16],
    [
      'at its limits only while a transaction may run',
      { ...idle, reserved: true, ledger: proven(limit(2, 16)) },
      6,
    ],
    [
      'at its draw, when that was above its limit lately',
      { ledger: proven(limit(2, 16)), ...drew(19, 60) },
      19,
    ],
    ['at its limit again five minutes later', { ledger: proven(limit(2, 16)), ...drew(19, 301) }, 16],
    ['at its draw while idle, if it draws without our knowledge', { ...idle, ...drew(10, 60) }, 10],
    ['at its rating when it does not obey', { ledger: proven(limit(2, 16)), disobeying: true }, 32],
    [
      'at more than its rating when it was seen there',
      { ledger: proven(limit(2, 16)), disobeying: true, ...drew(35, 1) },
      35,
    ],
    [
      'at its lease while that runs',
      { ...lost, ledger: proven(limit(2, 16)), times: answered([2, 299]) },
      16,
    ],
    [
      'at its lease for the margin of its clock',
      { ...lost, ledger: proven(limit(2, 16)), times: answered([2, 370]) },
      16,
    ],
    [
      'at its fallback after the lease',
      { ...lost, ledger: proven(limit(2, 16)), times: answered([2, 371]) },
      6,
    ],
    [
      'at the newest lease that still runs',
      { ...lost, ledger: proven(limit(2, 16), limit(3, 10)), times: answered([2, 371], [3, 100]) },
      10,
    ],
    ['at a limit whose times nobody knows, for ever', { ...lost, ledger: proven(limit(2, 16)) }, 16],
    [
      'at a limit never answered, for ever',
      {
        ...lost,
        ledger: proven(limit(2, 16, 'pending')),
        times: new Map([[2, { sentAt: monotonic(0), answeredAt: null, lease: milliseconds(LEASE) }]]),
      },
      16,
    ],
    [
      'at its limit beyond the lease, when it keeps limits',
      { ...lost, capabilities: kind('keeps'), ledger: proven(limit(2, 16)), times: answered([2, 5000]) },
      16,
    ],
    [
      'at its limit beyond the lease, when it is only said to go to zero',
      { ...lost, capabilities: kind('zero'), ledger: proven(limit(2, 16)), times: answered([2, 5000]) },
      16,
    ],
    [
      'at its rating when it goes to full power without us, even in contact',
      { capabilities: kind('full'), ledger: proven(limit(2, 16)) },
      32,
    ],
    [
      'at its rating where no limit surely bounds it, even with a proven one',
      { capabilities: { ...kind('fallback'), unbounded: true }, ledger: proven(limit(2, 16)) },
      32,
    ],
    [
      'at its limit in contact, when nobody knows what it does alone',
      { capabilities: kind('unknown'), ledger: proven(limit(2, 16)) },
      16,
    ],
    [
      'at its rating out of contact, when nobody knows what it does alone',
      { ...lost, capabilities: kind('unknown'), ledger: proven(limit(2, 16)) },
      32,
    ],
    [
      'at nothing out of contact and idle, if it cannot start alone',
      { ...lost, ...idle, capabilities: kind('unknown') },
      0,
    ],
    [
      'at its rating out of contact and idle, if it can start and nobody knows how',
      { ...lost, ...idle, capabilities: kind('unknown', true) },
      32,
    ],
  ])('%s', (_sentence, of, a) => {
    expect(holdLevel({ ...use, ...of }, NOW)).toBe(a * 1000)
  })

  test('in whole watts when it is a DC one', () => {
    const evse = exampleEvse('D', 'c', { dcW: 150_000, fallbackW: 10_000 })
    const held = ledger({
      defaultProven: true,
      defaults: [{ ...limit(1, 0), limit: { limit_w: watts(10_000) } }],
      standing: [{ ...limit(2, 0), limit: { limit_w: watts(42_345) } }],
    })
    expect(holdLevel({ ...use, evse, ledger: held }, NOW)).toBe(42_345)
  })
})

describe('whatever limit it is given, an EVSE counts', () => {
  test.each<[string, Partial<EvseUse>, number]>([
    ['at nothing where its limits bound it', {}, 0],
    ['at what a request past the balancer may have raised it to', { doubted: 20_000 }, 20],
    [
      'at its rating where it knows no limits',
      { capabilities: { ...kind('fallback'), smartCharging: 'none' } },
      32,
    ],
    [
      'at its rating where no limit surely bounds it',
      { capabilities: { ...kind('fallback'), unbounded: true } },
      32,
    ],
    ['at its rating where it goes to full power by itself', { capabilities: kind('full') }, 32],
  ])('%s, and its hold counts no less', (_sentence, of, a) => {
    expect(countedAnyway({ ...use, ...of })).toBe(a * 1000)
    expect(holdLevel({ ...use, ...of, ledger: proven(limit(2, 8)) }, NOW)).toBeGreaterThanOrEqual(a * 1000)
  })
})

import { formatScaledTime, parseScaledTime } from '@busbar/model/scaled-time.ts'
import { instant, milliseconds, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HostClock } from './host-clock.ts'

const START = Date.UTC(2026, 10, 21, 18)

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the machine’s clock', () => {
  test('tells its wall time, and time that only goes on', () => {
    const clock = new HostClock()
    const from = clock.monotonic()
    vi.advanceTimersByTime(1500)
    expect(clock.now()).toBe(START + 1500)
    vi.setSystemTime(0)
    expect(clock.now()).toBe(0)
    expect(clock.monotonic() - from).toBe(1500)
    expect(clock.scale).toBe(1)
  })

  test('runs a timer once, when it is due and never before the call returned', () => {
    const clock = new HostClock()
    const ran: string[] = []
    clock.timer(milliseconds(0), () => ran.push('now'))
    clock.timer(seconds(1), () => ran.push('later'))
    expect(ran).toEqual([])
    vi.advanceTimersByTime(999)
    expect(ran).toEqual(['now'])
    vi.advanceTimersByTime(5000)
    expect(ran).toEqual(['now', 'later'])
  })

  test('a cancelled timer never runs', () => {
    const ran: string[] = []
    const timer = new HostClock().timer(seconds(1), () => ran.push('ran'))
    timer.cancel()
    timer.cancel()
    vi.advanceTimersByTime(2000)
    expect(ran).toEqual([])
  })

  test('waits longer than the machine’s own timers can', () => {
    const ran: string[] = []
    const days = seconds(60 * 86_400)
    const timer = new HostClock().timer(days, () => ran.push('ran'))
    new HostClock().timer(days, () => ran.push('other'))
    vi.advanceTimersByTime(days - 1)
    expect(ran).toEqual([])
    timer.cancel()
    vi.advanceTimersByTime(1)
    expect(ran).toEqual(['other'])
  })
})

describe('a scaled clock', () => {
  const time = { anchor: instant(START), origin: instant(Date.UTC(2027, 0, 1)), scale: 15 }

  test('runs at its pace from the origin', () => {
    const clock = new HostClock(time)
    const from = clock.monotonic()
    vi.advanceTimersByTime(4000)
    expect(clock.now()).toBe(Date.UTC(2027, 0, 1) + 60_000)
    expect(clock.monotonic() - from).toBe(60_000)
    expect(clock.scale).toBe(15)
  })

  test('a timer takes its own time', () => {
    const ran: string[] = []
    new HostClock(time).timer(seconds(15), () => ran.push('ran'))
    vi.advanceTimersByTime(999)
    expect(ran).toEqual([])
    vi.advanceTimersByTime(1)
    expect(ran).toEqual(['ran'])
  })

  test('two processes told the same time agree', () => {
    const other = new HostClock(parseScaledTime(formatScaledTime(time)))
    vi.advanceTimersByTime(1234)
    expect(other.now()).toBe(new HostClock(time).now())
  })
})

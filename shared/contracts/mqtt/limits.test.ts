import { createHash } from 'node:crypto'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { milliseconds, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { Allowance } from './allowance.ts'
import { ConnectionLimits } from './connection-limits.ts'
import { secretFits } from './secret-fits.ts'

describe('an allowance', () => {
  const rate = { packetsPerS: 10, bytesPerS: 1000, burstS: 2 }
  const taken = (allowance: Allowance, bytes: number) => {
    let count = 0
    while (count < 100 && allowance.take(bytes)) count++
    return count
  }

  test('holds a burst, then fills up again with time', () => {
    const clock = new FakeClock()
    const allowance = new Allowance(clock, rate)
    expect(taken(allowance, 1)).toBe(20)
    clock.advance(milliseconds(600))
    expect(taken(allowance, 1)).toBe(5)
    clock.advance(seconds(3600))
    expect(taken(allowance, 1)).toBe(20)
  })

  test('counts bytes as well as packets', () => {
    expect(taken(new Allowance(new FakeClock(), rate), 700)).toBe(2)
  })
})

describe('connection limits', () => {
  const bounds = { perAddress: 2, inTotal: 3, failures: 2 }

  test('stop at the number for one address and at the total', () => {
    const limits = new ConnectionLimits(new FakeClock(), bounds)
    limits.opened('a')
    limits.opened('a')
    expect(limits.refuse('a')).toBe('2 connections are open from a')
    expect(limits.refuse('b')).toBeNull()
    limits.opened('b')
    expect(limits.refuse('c')).toBe('3 connections are open')
    limits.closed('a')
    expect(limits.refuse('a')).toBeNull()
  })

  test('shut an address out for a minute after wrong passwords', () => {
    const clock = new FakeClock()
    const limits = new ConnectionLimits(clock, bounds)
    limits.failed('a')
    clock.advance(seconds(50))
    limits.failed('a')
    expect(limits.refuse('a')).toBe('2 wrong passwords from a')
    expect(limits.refuse('b')).toBeNull()
    clock.advance(seconds(11))
    expect(limits.refuse('a')).toBeNull()
  })

  test('forget the oldest of very many failing addresses', () => {
    const limits = new ConnectionLimits(new FakeClock(), { ...bounds, failures: 1 })
    for (let n = 0; n < 1025; n++) limits.failed(`a${n}`)
    expect(limits.refuse('a0')).toBeNull()
    expect(limits.refuse('a1024')).not.toBeNull()
  })
})

describe('a secret', () => {
  const hash = (text: string) => createHash('sha256').update(text).digest()

  test('fits when it is one of the device’s', () => {
    expect(secretFits([hash('old'), hash('new')], Buffer.from('new'))).toBe(true)
    expect(secretFits([hash('old')], Buffer.from('new'))).toBe(false)
  })

  test('never fits a device that nobody knows, nor when none is given', () => {
    expect(secretFits(undefined, Buffer.alloc(32))).toBe(false)
    expect(secretFits([hash('')], undefined)).toBe(false)
  })
})

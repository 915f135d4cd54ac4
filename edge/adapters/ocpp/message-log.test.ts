import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { milliseconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { LoggedMessage } from '../../domain/ports/message-log.ts'
import { FrameLog } from './message-log.ts'

let clock: FakeClock
let logged: LoggedMessage[]
let frames: FrameLog
const pass = (direction: 'in' | 'out', text: string, connection = 1) =>
  frames.passed({ station: as('A-01'), connection, direction, text })

beforeEach(() => {
  clock = new FakeClock()
  logged = []
  frames = new FrameLog(clock, { add: (message) => void logged.push(message) })
})

describe('the message log', () => {
  test('tells of an answer which action it answers and how long that took', () => {
    pass('in', '[2,"7","Heartbeat",{}]')
    clock.advance(milliseconds(42))
    pass('out', '[3,"7",{"currentTime":"2026-11-21T18:00:00Z"}]')
    expect(logged).toMatchObject([
      { direction: 'in', kind: 'call', action: 'Heartbeat', messageId: '7', durationMs: null },
      { direction: 'out', kind: 'result', action: 'Heartbeat', messageId: '7', durationMs: 42 },
    ])
  })

  test('tells the code of an error', () => {
    pass('out', '[2,"8","Reset",{"type":"Soft"}]')
    pass('in', '[4,"8","NotSupported","no",{}]')
    expect(logged[1]).toMatchObject({ kind: 'error', action: 'Reset', errorCode: 'NotSupported' })
  })

  test('matches no answer to a call of the same side, of another connection or that was answered', () => {
    pass('in', '[2,"1","Heartbeat",{}]')
    pass('in', '[3,"1",{}]')
    pass('out', '[3,"1",{}]', 2)
    pass('in', '[2,"1","Heartbeat",{}]', 2)
    pass('out', '[3,"1",{}]', 2)
    pass('out', '[3,"1",{}]', 2)
    expect(logged.map(({ action }) => action)).toEqual([
      'Heartbeat',
      null,
      null,
      'Heartbeat',
      'Heartbeat',
      null,
    ])
  })

  test('keeps what is no OCPP frame as unreadable, and of a long one its beginning and its length', () => {
    pass('in', 'hello')
    pass('in', `[2,"1","DataTransfer",{"data":"${'x'.repeat(100_000)}"}]`)
    expect(logged[0]).toMatchObject({ kind: 'unreadable', action: null, text: 'hello' })
    expect(logged[1]?.text).toHaveLength(65_536)
    expect(logged[1]?.length).toBeGreaterThan(100_000)
  })

  test('forgets the oldest calls of a station that never gets answers', () => {
    for (let n = 0; n < 300; n++) pass('in', `[2,"${n}","Heartbeat",{}]`)
    pass('out', '[3,"0",{}]')
    pass('out', '[3,"299",{}]')
    expect(logged.slice(-2).map(({ action }) => action)).toEqual([null, 'Heartbeat'])
  })
})

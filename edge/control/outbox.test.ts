import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { hours, instant, minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { mayWait, outbox } from '../domain/charging/outbox.ts'
import type { StationAnswer, StationCommand } from '../domain/commands.ts'
import type { CommandResult } from '../domain/inputs.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { Stage } from './testing/stage.ts'

const site = exampleSite([exampleCircuit('grid', { ratingA: 200 })], [exampleEvse('A', 'grid')])
const station = as<StationId>('A')
const OFFLINE: StationAnswer = { status: 'not-sent', reason: 'offline' }
const LOST: StationAnswer = { status: 'unanswered', reason: 'disconnected', detail: '' }
const availability = (operative: boolean, evse = 1): StationCommand => ({
  kind: 'set-availability',
  evse,
  operative,
})

let stage: Stage
let answer: StationAnswer
const start = async (store?: Stage['store']) => {
  stage = new Stage({ clock: new FakeClock(), site, ...(store === undefined ? {} : { store }) })
  answer = { status: 'accepted' }
  stage.reply = ({ command }) => (command.kind === 'set-default-limit' ? { status: 'accepted' } : answer)
  await stage.start()
}
beforeEach(() => start())

const ask = async (command: StationCommand, validFor: number | null = 60): Promise<CommandResult> => {
  const { outcome } = stage.control.submit({
    type: 'station-command',
    station,
    command,
    by: 'ann',
    ...(validFor === null ? {} : { expiresAt: instant(stage.clock.now() + minutes(validFor)) }),
  })
  await stage.settle()
  return outcome
}
const waiting = () => [...stage.control.depot.memory.table(outbox).values()]
const sent = () => stage.said.flatMap(({ command }) => (command.kind === 'set-availability' ? [command] : []))
const ends = async () => (await stage.facts('CommandFinished')).map(({ result, reason }) => [result, reason])
const comeBack = async () => {
  answer = { status: 'accepted' }
  await stage.join('A')
  await stage.pass(seconds(10))
}

describe('a command that may wait', () => {
  test('is sent at once when its station is there', async () => {
    await stage.join('A')
    expect(await ask(availability(false))).toMatchObject({ status: 'accepted' })
    expect(waiting()).toEqual([])
  })

  test.each([
    ['nobody is there', OFFLINE],
    ['the connection is lost before the answer', LOST],
  ])('waits when %s, and is sent once the limits of the station stand', async (_why, failing) => {
    answer = failing
    expect(await ask(availability(false))).toMatchObject({ status: 'waiting', reason: null })
    expect(waiting()).toMatchObject([{ by: 'ann', kept: { slot: 'set-availability/1/0' } }])
    stage.said.splice(0)
    await comeBack()
    const kinds = stage.said.map(({ command }) => command.kind)
    expect(kinds.indexOf('set-availability')).toBeGreaterThan(kinds.indexOf('set-default-limit'))
    expect(await ends()).toEqual([['accepted', null]])
    expect(waiting()).toEqual([])
  })

  test('is replaced by a newer one of its slot: only the newest is sent', async () => {
    answer = OFFLINE
    await ask(availability(false))
    await ask(availability(true))
    await ask(availability(false, 2))
    stage.said.splice(0)
    await comeBack()
    expect(sent()).toEqual([availability(true), availability(false, 2)])
    expect(await ends()).toEqual([
      ['rejected', 'superseded'],
      ['accepted', null],
      ['accepted', null],
    ])
  })

  test('expires, and is never sent afterwards', async () => {
    answer = OFFLINE
    await ask(availability(false), 5)
    await stage.pass(minutes(6))
    expect(await ends()).toEqual([['rejected', 'expired']])
    stage.said.splice(0)
    await comeBack()
    expect(sent()).toEqual([])
  })

  test('is given up when somebody withdraws it', async () => {
    answer = OFFLINE
    const { command } = await ask(availability(false))
    const withdraw = () => stage.control.submit({ type: 'command-withdrawn', command, by: 'bo' })
    expect(withdraw().outcome).toEqual({ found: true })
    expect(withdraw().outcome).toEqual({ found: false })
    await stage.settle()
    expect(await ends()).toEqual([['rejected', 'withdrawn by bo']])
  })

  test('is not sent any more when it is withdrawn while another is with its station', async () => {
    answer = OFFLINE
    await ask(availability(false))
    const { command } = await ask(availability(false, 2))
    stage.reply = ({ command: { kind } }) => (kind === 'set-availability' ? null : { status: 'accepted' })
    stage.said.splice(0)
    await stage.join('A')
    stage.control.submit({ type: 'command-withdrawn', command, by: 'bo' })
    stage.said.find(({ command: { kind } }) => kind === 'set-availability')?.answer({ status: 'accepted' })
    await stage.settle()
    expect(sent()).toEqual([availability(false)])
  })

  test('goes on waiting over a restart of the controller', async () => {
    answer = OFFLINE
    await ask(availability(false))
    await start(stage.store)
    expect(waiting()).toHaveLength(1)
    await comeBack()
    expect(sent()).toEqual([availability(false)])
    expect(waiting()).toEqual([])
  })

  test('is not sent twice on one connection when it is never answered, and its limits are set anew only once', async () => {
    answer = { status: 'unanswered', reason: 'timeout', detail: '' }
    await stage.join('A')
    stage.said.splice(0)
    await ask({ kind: 'set-variable', name: 'HeartbeatInterval', value: '60' }, 600)
    await stage.pass(minutes(10))
    const kinds = stage.said.map(({ command }) => command.kind)
    expect(kinds.filter((kind) => kind === 'set-variable')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'set-default-limit')).toHaveLength(1)
    expect(waiting()).toHaveLength(1)
    await stage.leave('A', 1)
    await comeBack()
    expect(waiting()).toEqual([])
  })

  test('waits longer each time when its station is lost over it again and again', async () => {
    answer = LOST
    await ask(availability(false), 600)
    stage.said.splice(0)
    for (let connection = 1; connection <= 60; connection++) {
      await stage.join('A')
      await stage.pass(seconds(20))
      await stage.leave('A', connection)
    }
    expect(sent().length).toBeGreaterThan(3)
    expect(sent().length).toBeLessThan(8)
    await stage.join('A')
    const before = sent().length
    await stage.pass(hours(1))
    expect(sent().length).toBe(before + 1)
  })

  test('that the station refuses has ended', async () => {
    await stage.join('A')
    answer = { status: 'rejected', reason: 'Rejected' }
    expect(await ask(availability(false))).toMatchObject({ status: 'rejected', reason: 'Rejected' })
    expect(waiting()).toEqual([])
  })
})

describe('a command that may not wait', () => {
  test('is refused when it is asked to, and not sent', async () => {
    await stage.join('A')
    stage.said.splice(0)
    expect(await ask({ kind: 'reset', mode: 'OnIdle' })).toMatchObject({
      status: 'rejected',
      reason: 'a reset cannot wait',
    })
    expect(stage.said).toEqual([])
  })

  test('T16: that a restart of the controller cut off is not repeated; nobody can say what came of it', async () => {
    await stage.join('A')
    stage.reply = () => null
    stage.control.submit({
      type: 'station-command',
      station,
      command: { kind: 'reset', mode: 'OnIdle' },
      by: 'ann',
    })
    await stage.settle()
    await start(stage.store)
    await comeBack()
    expect(stage.said.map(({ command }) => command.kind)).not.toContain('reset')
    expect(await ends()).toEqual([['unanswered', 'the controller was restarted']])
  })
})

test('a secret never waits, for it would have to stand on record', () => {
  expect(mayWait({ kind: 'set-variable', name: 'AuthorizationKey', value: '00' })).toBe(false)
  expect(mayWait({ kind: 'set-variable', name: 'SecurityCtrlr.BasicAuthPassword', value: '00' })).toBe(false)
  expect(mayWait({ kind: 'set-variable', name: 'VendorSharedSecret', value: '00' })).toBe(false)
  expect(mayWait({ kind: 'set-variable', name: 'HeartbeatInterval', value: '60' })).toBe(true)
})

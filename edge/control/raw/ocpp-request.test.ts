import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { limitDoubts } from '../../domain/charging/limit-doubt.ts'
import type { StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { OcppResult } from '../../domain/inputs.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

/** 63 A for three EVSEs of 32 A with fallbacks of 6 A: two at their ratings and one at its fallback do not fit. */
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 63 })],
  ['A', 'B', 'C'].map((id) => exampleEvse(id, 'grid')),
)
const station = as<StationId>('A')

let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  for (const id of ['A', 'B', 'C']) await stage.join(id)
  await stage.pass(seconds(30))
  stage.said.splice(0)
})

const rawAnswer = (answer: StationAnswer) => {
  stage.reply = ({ command }) => (command.kind === 'raw' ? answer : { status: 'accepted' })
}
const ask = async (action: string, payload: Record<string, unknown> = {}): Promise<OcppResult> => {
  const { outcome } = stage.control.submit({ type: 'ocpp-request', station, action, payload, by: 'ann' })
  let result: OcppResult | null = null
  void outcome.then((value) => {
    result = value
  })
  for (let n = 0; n < 40 && result === null; n++) await stage.pass(seconds(1))
  return outcome
}
const doubts = (id = 'A') => stage.control.depot.memory.table(limitDoubts).get(`${id}/1`) ?? []
const hold = (id = 'A') => stage.control.decision().evses.find(({ evse }) => evse.station === id)?.hold ?? -1
const left = () => stage.said.map(({ command }) => command.kind)

describe('a raw request', () => {
  test("is answered with the station's own words, and on record with who asked", async () => {
    rawAnswer({ status: 'accepted', response: { status: 'Accepted', x: 1 } })
    expect(await ask('ClearCache', {})).toMatchObject({
      status: 'answered',
      response: { status: 'Accepted', x: 1 },
    })
    const [received] = (await stage.facts('CommandReceived')).slice(-1)
    expect(received).toMatchObject({ action: 'ocpp:ClearCache', station: 'A', params: {}, by: 'ann' })
    const [finished] = (await stage.facts('CommandFinished')).slice(-1)
    expect(finished).toEqual({ command: received?.command, result: 'accepted', reason: null })
  })

  test("is answered with the station's own error", async () => {
    const error = { code: 'NotSupported', description: 'no' }
    rawAnswer({ status: 'rejected', reason: 'NotSupported no', error })
    expect(await ask('ClearCache')).toMatchObject({ status: 'error', error })
  })

  test.each<[RequestEffectKind, StationAnswer, object]>([
    [
      'none',
      { status: 'unanswered', reason: 'timeout', detail: '' },
      { status: 'unanswered', reason: 'timeout' },
    ],
    ['none', { status: 'not-sent', reason: 'offline' }, { status: 'not-sent', reason: 'offline' }],
    [
      'none',
      { status: 'rejected', reason: 'no', response: { status: 'Rejected' } },
      { status: 'answered', response: { status: 'Rejected' } },
    ],
  ])('with effect %s answered %j', async (kind, answer, expected) => {
    stage.effect = () => ({ kind })
    rawAnswer(answer)
    expect(await ask('GetConfiguration')).toMatchObject(expected)
  })

  test('that its schema forbids, or that nobody is there for, never leaves', async () => {
    stage.effect = () => ({ kind: 'refused', reason: 'Reset: no type' })
    expect(await ask('Reset')).toMatchObject({ status: 'refused', reason: 'Reset: no type' })
    stage.effect = () => ({ kind: 'offline' })
    expect(await ask('Reset')).toMatchObject({ status: 'not-sent' })
    expect(left()).toEqual([])
  })

  test('never puts a secret on record', async () => {
    await ask('ChangeConfiguration', { key: 'AuthorizationKey', value: '00ff00ff' })
    const facts = JSON.stringify(await stage.history())
    expect(facts).toContain('AuthorizationKey')
    expect(facts).not.toContain('00ff00ff')
  })
})
type RequestEffectKind = 'none' | 'offline'

describe('a raw charging profile', () => {
  const profile = (a: number) => {
    stage.effect = () => ({ kind: 'limit', evse: 1, limit: { limit_a: amps(a) }, profile: 4711 })
    return ask('SetChargingProfile')
  }

  test('is in the hold before it leaves, and stays until the station is reconciled anew', async () => {
    let whenSent = -1
    stage.reply = ({ command }) => {
      if (command.kind === 'raw') whenSent = doubts().length
      return { status: 'accepted', response: {} }
    }
    expect(await profile(20)).toMatchObject({ status: 'answered' })
    expect(whenSent).toBe(1)
    await stage.pass(minutes(2))
    expect(hold()).toBe(20_000)
    expect(await stage.facts('LimitDoubted')).toMatchObject([
      { station: 'A', evse: 1, limit: { limit_a: 20 }, profile: 4711, action: 'SetChargingProfile' },
    ])
    await stage.join('A')
    await stage.pass(seconds(10))
    expect(stage.said.filter(({ command }) => command.kind === 'clear-charging-profile')).toMatchObject([
      { command: { matching: { id: 4711 } } },
    ])
    expect(doubts()).toEqual([])
    expect(hold()).toBeLessThan(20_000)
  })

  test('that would overload what protects is refused, and leaves neither byte nor doubt', async () => {
    await stage.charge('B')
    await stage.charge('C')
    stage.said.splice(0)
    await stage.pass(minutes(3))
    expect(hold('B') + hold('C')).toBeGreaterThan(40_000)
    expect(await profile(32)).toMatchObject({ status: 'limits', reason: expect.stringContaining('grid/') })
    expect(left()).not.toContain('raw')
    expect(doubts()).toEqual([])
  })

  test('that the station refuses is forgotten', async () => {
    rawAnswer({ status: 'rejected', reason: 'Rejected', response: { status: 'Rejected' } })
    expect(await profile(20)).toMatchObject({ status: 'answered', response: { status: 'Rejected' } })
    await stage.settle()
    expect(doubts()).toEqual([])
  })

  test('in the other unit counts at the rating', async () => {
    stage.effect = () => ({ kind: 'limit', evse: 1, limit: { limit_w: watts(1000) }, profile: 4711 })
    rawAnswer({ status: 'accepted', response: {} })
    await ask('SetChargingProfile')
    await stage.settle()
    expect(hold()).toBe(32_000)
  })
})

describe('a raw request that may raise limits', () => {
  test('counts at the rating while it is under way, and no longer once everything is set anew', async () => {
    let counted = -1
    stage.effect = () => ({ kind: 'may-raise', reboots: false })
    stage.reply = ({ command }) => {
      if (command.kind === 'raw') counted = doubts().length
      return { status: 'accepted', response: {} }
    }
    await ask('ChangeConfiguration', { key: 'X', value: '1' })
    expect(counted).toBe(1)
    await stage.pass(seconds(5))
    expect(left()).toContain('set-default-limit')
    expect(doubts()).toEqual([])
  })

  test('stays at the rating when nobody answered, until everything is set anew', async () => {
    stage.effect = () => ({ kind: 'may-raise', reboots: false })
    stage.reply = () => ({ status: 'unanswered', reason: 'timeout', detail: '' })
    await ask('DataTransfer')
    await stage.pass(seconds(5))
    expect(hold()).toBe(32_000)
    stage.reply = () => ({ status: 'accepted' })
    await stage.pass(seconds(40))
    expect(doubts()).toEqual([])
  })

  test('by a restart is settled only on a connection that came after it', async () => {
    stage.effect = () => ({ kind: 'may-raise', reboots: true })
    rawAnswer({ status: 'accepted', response: { status: 'Accepted' } })
    await ask('Reset', { type: 'Hard' })
    await stage.pass(seconds(10))
    expect(hold()).toBe(32_000)
    await stage.pass(seconds(1))
    await stage.join('A')
    await stage.pass(seconds(10))
    expect(doubts()).toEqual([])
  })

  test('still counts after a restart of the controller', async () => {
    stage.effect = () => ({ kind: 'may-raise', reboots: true })
    rawAnswer({ status: 'accepted', response: {} })
    await ask('Reset', { type: 'Hard' })
    await stage.settle()
    const next = new Stage({ clock: new FakeClock(), site, store: stage.store })
    await next.start()
    expect(next.control.depot.memory.table(limitDoubts).get('A/1')).toHaveLength(1)
  })
})

describe('a command that may raise limits unseen', () => {
  const send = async (command: StationCommand) => {
    const { outcome } = stage.control.submit({ type: 'station-command', station, command, by: 'ann' })
    for (let n = 0; n < 5; n++) await stage.pass(seconds(1))
    return outcome
  }

  test.each<[StationCommand]>([
    [{ kind: 'set-variable', name: 'VendorLimitOff', value: '1' }],
    [{ kind: 'reset', mode: 'Immediate' }],
  ])('counts the station at its rating before it leaves: %j', async (command) => {
    let doubted = -1
    stage.reply = (said) => {
      if (said.command.kind === command.kind) doubted = doubts().length
      return { status: 'accepted' }
    }
    await send(command)
    expect(doubted).toBe(1)
    expect(await stage.facts('LimitDoubted')).toMatchObject([
      { station: 'A', action: command.kind, limit: null },
    ])
  })

  test('that the station refuses leaves no doubt', async () => {
    stage.reply = ({ command }) =>
      command.kind === 'set-variable' ? { status: 'rejected', reason: 'no' } : { status: 'accepted' }
    await send({ kind: 'set-variable', name: 'VendorLimitOff', value: '1' })
    expect(doubts()).toEqual([])
  })

  test.each(['AuthorizationKey', 'basicauthpassword'])(
    '%s never leaves: the station could not come in any more',
    async (name) => {
      expect(await send({ kind: 'set-variable', name, value: '0'.repeat(32) })).toMatchObject({
        status: 'rejected',
      })
      expect(left()).not.toContain('set-variable')
    },
  )
})

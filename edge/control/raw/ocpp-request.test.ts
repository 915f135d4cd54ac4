import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { limitDoubts } from '../../domain/charging/limit-doubt.ts'
import type { StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { OcppResult } from '../../domain/inputs.ts'
import type { RequestEffect } from '../../domain/ports/station-commands.ts'
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
  void outcome.then(
    (value) => {
      result = value
    },
    () => undefined,
  )
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

  test('S27: that would overload what protects is refused, and leaves neither byte nor doubt', async () => {
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

  test('S27: above the rating of the station is refused, whoever asks', async () => {
    expect(await profile(33)).toMatchObject({ status: 'limits', reason: expect.stringContaining('32 A') })
    expect(left()).not.toContain('raw')
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

  test('by a restart is not settled by a connection alone: the boot has to be heard', async () => {
    stage.effect = () => ({ kind: 'may-raise', reboots: true })
    rawAnswer({ status: 'accepted', response: { status: 'Accepted' } })
    await ask('Reset', { type: 'Hard' })
    await stage.pass(seconds(1))
    stage.boot('A')
    await stage.pass(seconds(10))
    await stage.connect('A')
    await stage.pass(seconds(30))
    expect(stage.control.depot.links.get(station)?.reconciled).toBe(true)
    expect(hold()).toBe(32_000)
    stage.boot('A')
    await stage.pass(seconds(10))
    expect(doubts()).toEqual([])
  })

  test('is not undone by what is set anew before its answer', async () => {
    let answer: (said: StationAnswer) => void = () => undefined
    stage.effect = () => ({ kind: 'may-raise', reboots: false })
    stage.reply = (said) => {
      if (said.command.kind === 'raw') answer = said.answer
      return said.command.kind === 'raw' ? null : { status: 'accepted' }
    }
    stage.control.submit({ type: 'ocpp-request', station, action: 'DataTransfer', payload: {}, by: 'ann' })
    await stage.pass(seconds(2))
    await stage.join('A')
    await stage.pass(seconds(10))
    expect(stage.control.depot.links.get(station)?.reconciled).toBe(true)
    expect(hold()).toBe(32_000)
    stage.said.splice(0)
    answer({ status: 'accepted', response: {} })
    await stage.pass(seconds(2))
    expect(left()).toContain('set-default-limit')
    expect(doubts()).toEqual([])
  })

  test('makes others give way before it leaves, and leaves after five seconds in any case', async () => {
    await stage.charge('B')
    await stage.charge('C')
    await stage.pass(minutes(3))
    expect(hold('B') + hold('C')).toBeGreaterThan(40_000)
    stage.said.splice(0)
    stage.effect = () => ({ kind: 'may-raise', reboots: false })
    const from = stage.clock.monotonic() + 1000
    expect(await ask('ChangeConfiguration', { key: 'X', value: '1' })).toMatchObject({ status: 'answered' })
    const raw = stage.said.findIndex(({ command }) => command.kind === 'raw')
    const lowered = stage.said.findIndex(({ command }) => command.kind === 'set-transaction-limit')
    expect(lowered).toBeGreaterThanOrEqual(0)
    expect(lowered).toBeLessThan(raw)
    expect((stage.said[raw]?.at ?? 0) - from).toBe(5000)
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

describe('a raw charging profile that may not rise', () => {
  const metered = exampleSite(
    [exampleCircuit('grid', { ratingA: 63, otherA: 10, meter: 'm' })],
    [exampleEvse('A', 'grid')],
  )
  const asked = (a: number) => {
    stage.effect = () => ({ kind: 'limit', evse: 1, limit: { limit_a: amps(a) }, profile: 4711 })
    return ask('SetChargingProfile')
  }
  const setUp = async (ready: boolean) => {
    stage = new Stage({ clock: new FakeClock(), site: metered, policy: { startupGraceS: ready ? 10 : 600 } })
    stage.poll('m', () => ({ a: 5 }))
    await stage.start()
    if (ready) {
      await stage.join('A')
      await stage.pass(seconds(30))
    } else await stage.connect('A')
    stage.said.splice(0)
  }

  test('before the start-up is through is refused', async () => {
    await setUp(false)
    expect(await asked(20)).toMatchObject({ status: 'limits', reason: expect.stringContaining('start-up') })
    expect(left()).not.toContain('raw')
    expect(doubts()).toEqual([])
  })

  test('while the meter of its circuit is silent is refused, but for one that raises nothing', async () => {
    await setUp(true)
    stage.poll('m', () => null)
    await stage.pass(seconds(8))
    expect(await asked(20)).toMatchObject({ status: 'limits', reason: expect.stringContaining('grid/l1') })
    expect(left()).not.toContain('raw')
    expect(await asked(6)).toMatchObject({ status: 'answered' })
  })

  test('any more once its record is on disk is refused, and no longer counted', async () => {
    await setUp(true)
    stage.effect = () => {
      stage.store.factLog.stall()
      return { kind: 'limit', evse: 1, limit: { limit_a: amps(20) }, profile: 4711 }
    }
    const payload = {}
    const by = 'ann'
    const request = { type: 'ocpp-request', station, action: 'SetChargingProfile', payload, by } as const
    const { outcome } = stage.control.submit(request)
    await stage.settle()
    expect(doubts()).toHaveLength(1)
    stage.poll('m', () => ({ a: 70 }))
    await stage.pass(seconds(3))
    stage.store.factLog.resume()
    await stage.pass(seconds(2))
    expect(await outcome).toMatchObject({ status: 'limits', reason: expect.stringContaining('grid/l1') })
    expect(left()).not.toContain('raw')
    expect(doubts()).toEqual([])
  })
})

describe('a request whose record the store does not take', () => {
  const refusing = async (effect: RequestEffect) => {
    stage.effect = () => {
      stage.store.factLog.fail('no room')
      return effect
    }
    await expect(ask('X')).rejects.toThrow()
  }

  test.each<[RequestEffect]>([
    [{ kind: 'may-raise', reboots: false }],
    [{ kind: 'limit', evse: 1, limit: { limit_a: amps(20) }, profile: 4711 }],
    [{ kind: 'clear', evse: 1 }],
  ])('never leaves, and is not counted: %j', async (effect) => {
    await refusing(effect)
    expect(left()).not.toContain('raw')
    expect(doubts()).toEqual([])
    stage.store.factLog.fail(null)
    await stage.pass(seconds(5))
    const next = new Stage({ clock: new FakeClock(), site, store: stage.store })
    await next.start()
    expect(next.control.depot.memory.table(limitDoubts).get('A/1')).toBeUndefined()
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

import { as, type IdToken, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { type Instant, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StationCommand } from '../../domain/commands.ts'
import type { ChargingLimit } from '../../domain/limit.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const site = exampleSite([exampleCircuit('grid', { ratingA: 200 })], [exampleEvse('A', 'grid')])
const station = as<StationId>('A')

let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
  stage.said.splice(0)
})
const ask = async (command: StationCommand) => {
  const { outcome } = stage.control.submit({ type: 'station-command', station, command, by: 'ann' })
  await stage.settle()
  return outcome
}
const start = (limit: ChargingLimit): StationCommand => ({
  kind: 'request-start',
  evse: 1,
  idToken: as<IdToken>('TAG-1'),
  limit,
})

test('TC_059: a start may come with a limit up to the fallback that room is made for', async () => {
  expect(await ask(start({ limit_a: amps(6) }))).toMatchObject({ status: 'accepted' })
  expect(stage.said.map(({ command }) => command)).toEqual([start({ limit_a: amps(6) })])
})

test.each([[{ limit_a: amps(7) }], [{ limit_w: watts(1) }]])('a start with %j is refused', async (limit) => {
  expect(await ask(start(limit))).toMatchObject({ status: 'rejected' })
  expect(stage.said).toEqual([])
})

test.each<[StationCommand]>([
  [{ kind: 'raw', action: 'Reset', payload: {} }],
  [{ kind: 'clear-limits', evse: 1, purpose: 'default' }],
  [{ kind: 'clear-charging-profile', matching: { id: null, evse: null, purpose: null, stackLevel: null } }],
  [{ kind: 'set-default-limit', evse: 1, limit: { limit_a: amps(1) } }],
])('%j goes past the balancer and is refused', async (command) => {
  expect(await ask(command)).toMatchObject({ status: 'rejected' })
  expect(stage.said).toEqual([])
})

test('what the station says beside yes is told', async () => {
  stage.reply = () => ({ status: 'accepted', when: 'Scheduled' })
  expect(await ask({ kind: 'set-availability', evse: 1, operative: false })).toMatchObject({
    when: 'Scheduled',
  })
  stage.reply = () => ({ status: 'accepted', listVersion: 0 })
  expect(await ask({ kind: 'get-local-list-version' })).toMatchObject({ listVersion: 0 })
  stage.reply = () => ({ status: 'rejected', reason: 'UnlockFailed' })
  expect(await ask({ kind: 'unlock-connector', evse: 1, connector: 1 })).toMatchObject({
    reason: 'UnlockFailed',
  })
  expect(await ask({ kind: 'request-stop', transaction: as<TransactionId>('1') })).toMatchObject({
    status: 'rejected',
  })
})

describe.each([['at once'], ['kept until the station is there']])('a variable written %s', (how) => {
  const write = async (value: string) => {
    const command: StationCommand = { kind: 'set-variable', name: 'LogUploadUrl', value }
    const wait = how === 'at once' ? {} : { expiresAt: (stage.clock.now() + 60_000) as Instant }
    const { outcome } = stage.control.submit({
      ...{ type: 'station-command', station, command, by: 'ann', ...wait },
    })
    await stage.pass(seconds(6))
    return outcome
  }
  const written = () => stage.said.filter(({ command }) => command.kind === 'set-variable')

  test.each([
    ['S30', 'http://169.254.169.254/latest'],
    ['S30', 'file:///etc/shadow'],
    ['S30', ' wss://csms.example/ocpp'],
    ['S32', 'ftp://user:secret@files.example/log'],
  ])('%s: takes no address of nobody we know, as %s', async (_row, value) => {
    expect(await write(value)).toMatchObject({ status: 'rejected', reason: expect.stringMatching(/address/) })
    expect(written()).toEqual([])
  })

  test('takes what is no address', async () => {
    expect(await write('300')).toMatchObject({ status: 'accepted' })
    expect(written()).toHaveLength(1)
  })
})

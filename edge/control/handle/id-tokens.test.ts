import { as, type IdToken } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { instant, minutes } from '@busbar/units/time.ts'
import { beforeEach, expect, test } from 'vitest'
import type { IdTokenEntry } from '../../domain/authorization/id-token.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 200 })],
  [exampleEvse('A', 'grid'), exampleEvse('B', 'grid')],
)

let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
  await stage.join('B')
})

const enter = (text: string, of: Partial<IdTokenEntry> = {}) => {
  const usual = {
    status: 'Accepted',
    group: null,
    expiresAt: null,
    vehicle: null,
    oneAtATime: false,
  } as const
  const tokens = [{ idToken: as<IdToken>(text), ...usual, ...of }]
  return stage.control.submit({ type: 'id-tokens-set', tokens, by: 'ann' })
}
const authorize = async (text: string) => {
  const { outcome } = stage.authorize('A', text)
  await stage.settle()
  return outcome
}

test('a token that was entered is accepted, with its group and its end', async () => {
  const expiresAt = instant(stage.clock.now() + minutes(5))
  enter('NEW', { group: as<IdToken>('G'), expiresAt })
  expect(await authorize('new')).toEqual({ status: 'Accepted', group: 'G', expiresAt })
  expect(await stage.facts('IdTokenSet')).toMatchObject([{ id_token: 'NEW', group: 'G', by: 'ann' }])
})

test('TC_023_2 TC_023_3: one that was blocked or has expired is refused, and again once it is removed', async () => {
  enter('NEW', { status: 'Blocked' })
  expect(await authorize('NEW')).toEqual({ status: 'Blocked' })
  enter('NEW', { expiresAt: instant(stage.clock.now()) })
  expect(await authorize('NEW')).toMatchObject({ status: 'Expired' })
  const removed = () =>
    stage.control.submit({ type: 'id-token-removed', idToken: as<IdToken>('new'), by: 'bo' })
  expect(removed().outcome).toEqual({ found: true })
  expect(await authorize('NEW')).toEqual({ status: 'Unknown' })
  expect(removed().outcome).toEqual({ found: false })
})

test('one that may charge once at a time starts no second transaction', async () => {
  enter('NEW', { oneAtATime: true })
  expect(stage.begin('B', { token: 'NEW' }).outcome.status).toBe('Accepted')
  expect(await authorize('NEW')).toEqual({ status: 'ConcurrentTx' })
})

test('what was entered outlives a restart', async () => {
  enter('NEW', { status: 'Blocked' })
  await stage.settle()
  const next = new Stage({ clock: new FakeClock(), site, store: stage.store })
  await next.start()
  await next.join('A')
  expect(await next.authorize('A', 'NEW').outcome).toEqual({ status: 'Blocked' })
})

test('a stop with the token of a stranger is booked, and marked', async () => {
  const { transaction } = stage.begin('A').outcome
  stage.end('A', { transaction, idToken: as<IdToken>('STRANGER') })
  await stage.settle()
  const [end] = await stage.facts('TransactionEnded')
  expect(end?.suspect).toContain('nothing to do with the one that started it')
})

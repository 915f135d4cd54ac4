import { as, type IdToken, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { beforeEach, expect, test } from 'vitest'
import type { IdTokenEntry } from '../../domain/authorization/id-token.ts'
import type { StationCommand } from '../../domain/commands.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const site = exampleSite([exampleCircuit('grid', { ratingA: 200 })], [exampleEvse('A', 'grid')])
const station = as<StationId>('A')
type List = Extract<StationCommand, { kind: 'send-local-list' }>

let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
  stage.said.splice(0)
})

const entry = (text: string, of: Partial<IdTokenEntry> = {}): IdTokenEntry => ({
  idToken: as<IdToken>(text),
  status: 'Accepted',
  group: null,
  expiresAt: null,
  vehicle: null,
  oneAtATime: false,
  ...of,
})
const enter = (...tokens: IdTokenEntry[]) =>
  stage.control.submit({ type: 'id-tokens-set', tokens, by: 'ann' })
const push = () => stage.control.submit({ type: 'local-list-push', station, by: 'ann' }).outcome
const lists = (): List[] =>
  stage.said.flatMap(({ command }) => (command.kind === 'send-local-list' ? [command] : []))
const tokensIn = (list: List | undefined) =>
  list?.entries.map(({ idToken, status }) => `${idToken} ${status}`)

test('TC_043_4: the first list is a full one, with configured tokens and entered ones', async () => {
  enter(entry('X', { status: 'Blocked' }))
  const result = await push()
  const [list] = lists()
  expect(list).toMatchObject({ update: 'Full', version: 1 })
  expect(tokensIn(list)).toContain('X Blocked')
  expect(tokensIn(list)).toContain('TAG-1 Accepted')
  expect(result).toEqual({
    status: 'accepted',
    version: 1,
    update: 'Full',
    sent: list?.entries.length,
    reason: null,
  })
})

test('TC_043_5: afterwards only what changed is sent, and nothing when nothing did', async () => {
  enter(entry('X'), entry('Y'))
  await push()
  stage.control.submit({ type: 'id-token-removed', idToken: as<IdToken>('x'), by: 'ann' })
  enter(entry('Y', { status: 'Blocked' }), entry('Z'))
  expect(await push()).toMatchObject({ update: 'Differential', version: 2, sent: 3 })
  expect(tokensIn(lists()[1])).toEqual(['X null', 'Y Blocked', 'Z Accepted'])
  expect(await push()).toMatchObject({ update: 'none', version: 2, sent: 0 })
  expect(lists()).toHaveLength(2)
})

test.each([
  ['TC_043_1', { status: 'rejected', reason: 'NotSupported' }],
  ['TC_043_3', { status: 'rejected', reason: 'Failed' }],
  ['lost', { status: 'unanswered', reason: 'timeout', detail: '' }],
] as const)(
  '%s: after %j nobody knows what the station holds, so the next list is a full one',
  async (_case, answer) => {
    await push()
    enter(entry('X'))
    stage.reply = () => answer
    expect(await push()).toMatchObject({ status: answer.status, update: 'Differential', version: 2, sent: 0 })
    stage.reply = () => ({ status: 'accepted' })
    expect(await push()).toMatchObject({ update: 'Full', version: 3 })
  },
)

test('a list that never left changes nothing', async () => {
  await push()
  enter(entry('X'))
  stage.reply = () => ({ status: 'not-sent', reason: 'offline' })
  await push()
  stage.reply = () => ({ status: 'accepted' })
  expect(await push()).toMatchObject({ update: 'Differential', sent: 1 })
})

test('a long list goes in pieces, each with a version of its own', async () => {
  enter(...Array.from({ length: 120 }, (_, n) => entry(`T${n}`)))
  expect(await push()).toMatchObject({ status: 'accepted', update: 'Full', version: 3 })
  expect(lists().map(({ update, version }) => `${update} ${version}`)).toEqual([
    'Full 1',
    'Differential 2',
    'Differential 3',
  ])
  expect(lists().every(({ entries }) => entries.length <= 50)).toBe(true)
  expect(await push()).toMatchObject({ update: 'none' })
})

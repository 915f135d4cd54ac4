import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import type { StationAnswer, StationCommand } from '../../../domain/commands.ts'
import type { InputOf } from '../../../domain/inputs.ts'
import { type StationProfileFile, stationProfileSchema } from '../../../profiles/station-profile.ts'
import { GENERIC, stationProfiles } from '../../../profiles/station-profiles.ts'
import { type LastHeard, ProfileDesk } from './profile-desk.ts'

const STATION = as<StationId>('A-01')
const REASON = { reason: 'seen', sources: ['https://example.com/1'], confidence: 'high' as const }

const profile = (id: string, of: Partial<StationProfileFile>): StationProfileFile =>
  stationProfileSchema.parse({
    ...{ id, match: [{ vendor: 'Acme' }], protocols: ['ocpp1.6'], capabilities: {}, quirks: [] },
    ...{ settings: [], commissioning: [], fixture: null },
    evidence: { who: 'us', date: '2026-12-01', document: 'none', tier: 'reported' },
    ...of,
  })

const FILES = [
  profile('by-name', {
    match: [{ identity: '^a-0\\d$' }],
    quirks: [{ key: 'boot.trigger-after-s', value: 5, ...REASON }],
  }),
  profile('acme', {
    match: [{ vendor: 'Acme', model: 'Volt' }],
    capabilities: { 'settle-s': 7 },
    quirks: [{ key: 'boot.wait-s', value: 60, firmware: { max: '1.9' }, ...REASON }],
    firmware: { pattern: '(.+)', bad: ['1.8'], advice: 'update' },
  }),
]

interface Of {
  readonly heard?: LastHeard
  readonly assigned?: string
  readonly named?: string
}

/** A desk with one station, what the depot was told and what was sent. */
function deskFor({ heard, assigned, named = 'B-01' }: Of = {}) {
  const clock = new FakeClock()
  const station = as<StationId>(named)
  const told: InputOf<'station-profiled'>[] = []
  const sent: StationCommand['kind'][] = []
  const send = (_station: StationId, { kind }: StationCommand): Promise<StationAnswer> => {
    sent.push(kind)
    return Promise.resolve({ status: 'accepted' })
  }
  const generic = profile(GENERIC, { match: [] })
  const desk = new ProfileDesk({
    profiles: stationProfiles([...FILES, generic], generic),
    clock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    submit: (input) => {
      told.push(input as never)
      return { outcome: undefined as never, durable: Promise.resolve() }
    },
    assigned: () => assigned ?? null,
    lastHeard: () => heard ?? null,
    send,
  })
  const command = (kind: 'clear-cache', priority: 'limit' | 'poll') =>
    desk.send(
      station,
      { kind },
      { usual: (one) => send(station, one), options: { priority, deadline: seconds(30) } },
    )
  const booted = (model: string, firmware: string | null = null) =>
    desk.booted({ identity: named, vendor: 'Acme', model, firmware })
  return { clock, desk, station, told, sent, command, booted }
}

test('a station is taken on connecting for what its name says, before it has said anything', () => {
  const { desk, station, told } = deskFor({ named: STATION })
  desk.opened(station)
  expect(told).toMatchObject([
    { station, profile: { id: 'by-name', matchedBy: 'identity', quirks: [{ key: 'boot.trigger-after-s' }] } },
  ])
})

test('a station is taken on connecting for what it said when last it booted', () => {
  const { desk, station, told } = deskFor({ heard: { vendor: 'acme', model: 'VOLT', firmware: '1.7' } })
  desk.opened(station)
  expect(told).toMatchObject([{ profile: { id: 'acme', matchedBy: 'model' }, capabilities: { settleS: 7 } }])
})

test('a station that nobody has described has the generic profile and no quirks', () => {
  const { desk, station, told } = deskFor()
  desk.opened(station)
  expect(told).toMatchObject([{ profile: { id: 'generic', matchedBy: 'nothing', quirks: [] } }])
})

test('what the configuration gives a station outweighs what it says of itself', () => {
  const { desk, booted, told } = deskFor({ assigned: 'by-name' })
  desk.opened(as<StationId>('B-01'))
  booted('Volt', '1.7')
  expect(told).toMatchObject([{ profile: { id: 'by-name', matchedBy: 'configuration' } }])
})

test('a boot that says something else matches it anew, with the reasons told; one that says the same does not', () => {
  const { desk, station, booted, told } = deskFor()
  desk.opened(station)
  booted('Volt', '1.8')
  booted('Volt', '1.8')
  expect(told.map(({ profile: { id } }) => id)).toEqual(['generic', 'acme'])
  expect(told[1]?.profile.quirks).toEqual([{ key: 'boot.wait-s', value: 60, ...REASON }])
  expect(told[1]?.profile.warnings).toEqual(['firmware 1.8 is known to be faulty; update'])
})

test('an update of the firmware takes away the quirks that it mends', () => {
  const { desk, station, booted, told } = deskFor()
  desk.opened(station)
  booted('Volt', '1.7')
  booted('Volt', '2.0')
  expect(desk.quirksOf(station)).toEqual({})
  expect(told.at(-1)?.profile.quirks).toEqual([])
})

test('boot.trigger-after-s: a station that does not say what it is, is asked for it once', () => {
  const { desk, station, clock, sent } = deskFor({ named: STATION })
  desk.opened(station)
  clock.advance(seconds(4))
  expect(sent).toEqual([])
  clock.advance(seconds(60))
  expect(sent).toEqual(['trigger'])
})

test('boot.trigger-after-s: one that boots by itself, or goes, is not asked', () => {
  const { desk, station, clock, sent } = deskFor({ named: STATION })
  desk.opened(station)
  desk.booted({ identity: STATION, vendor: 'Else', model: '', firmware: null })
  clock.advance(seconds(60))
  desk.opened(station)
  desk.closed(station)
  clock.advance(seconds(60))
  expect(sent).toEqual([])
})

test('a station that nobody has heard of is asked what it is when it does not say so; one that has booted once is not', () => {
  const fresh = deskFor()
  fresh.desk.opened(fresh.station)
  fresh.clock.advance(seconds(60))
  expect(fresh.sent).toEqual(['trigger'])
  const told = deskFor()
  told.desk.opened(told.station)
  told.booted('Volt')
  told.clock.advance(seconds(60))
  expect(told.sent).toEqual([])
  const known = deskFor({ heard: { vendor: 'Acme', model: 'Else', firmware: null } })
  known.desk.opened(known.station)
  known.clock.advance(seconds(60))
  expect(known.sent).toEqual([])
})

test('boot.wait-s: until a station has booted it is sent limits only', async () => {
  const { desk, station, booted, sent, command } = deskFor({
    heard: { vendor: 'Acme', model: 'Volt', firmware: null },
  })
  desk.opened(station)
  const answer = command('clear-cache', 'poll')
  await command('clear-cache', 'limit')
  expect(sent).toHaveLength(1)
  booted('Volt')
  expect(await answer).toEqual({ status: 'accepted' })
  expect(sent).toHaveLength(2)
})

test('boot.wait-s: a boot that never comes is waited for no longer; a lost link sends nothing', async () => {
  const { desk, station, clock, sent, command } = deskFor({
    heard: { vendor: 'Acme', model: 'Volt', firmware: null },
  })
  desk.opened(station)
  const answer = command('clear-cache', 'poll')
  clock.advance(seconds(60))
  expect(await answer).toEqual({ status: 'accepted' })
  desk.opened(station)
  const lost = command('clear-cache', 'poll')
  desk.closed(station)
  expect(await lost).toEqual({ status: 'not-sent', reason: 'offline' })
  expect(sent).toHaveLength(1)
})

import type { StationId } from '@busbar/model/ids.ts'
import { toIso } from '@busbar/units/time.ts'
import { authorize } from '../../domain/authorization/authorize.ts'
import { idTokenRecords, tokenKey } from '../../domain/authorization/id-token.ts'
import { localLists } from '../../domain/authorization/local-lists.ts'
import { outbox } from '../../domain/charging/outbox.ts'
import { reservationRecords } from '../../domain/charging/reservation.ts'
import type { Depot } from '../depot.ts'
import { variablesView } from '../devices/variables-view.ts'
import { tokenScene } from '../tokens.ts'
import { doubtsView } from './doubts-view.ts'

/** Every token that is known, with what a station would be told of it now. */
function tokensView(depot: Depot) {
  const { byToken, people } = depot.setup.fleet
  const entered = depot.memory.table(idTokenRecords)
  const own = [...entered.values()].map(({ idToken }) => idToken)
  const configured = [...byToken.keys(), ...people].filter((token) => !entered.has(tokenKey(token)))
  const scene = tokenScene(depot)
  return [...own, ...configured].map((idToken) => {
    const { status, vehicle, group, expiresAt } = authorize(scene, idToken)
    const record = entered.get(tokenKey(idToken))
    return {
      id_token: idToken,
      source: record === undefined ? ('configured' as const) : ('entered' as const),
      status,
      group,
      expires_at: expiresAt === null ? null : toIso(expiresAt),
      vehicle,
      one_at_a_time: record?.oneAtATime ?? false,
      by: record?.by ?? null,
    }
  })
}

const reservationsView = (depot: Depot) =>
  [...depot.memory.table(reservationRecords).values()].map((record) => ({
    reservation: record.reservation,
    station: record.station,
    evse: record.evse,
    id_token: record.idToken,
    group: record.group,
    expires_at: toIso(record.expiresAt),
    state: record.state,
    by: record.by,
  }))

function localListView(depot: Depot, station: StationId) {
  const record = depot.memory.table(localLists).get(station)
  return {
    station,
    version: record?.version ?? 0,
    sure: record?.sure ?? false,
    id_tokens: Object.keys(record?.entries ?? {}),
    answer: record?.answer ?? null,
    reason: record?.reason ?? null,
  }
}

/** Commands that have not ended, oldest first. */
const commandsView = (depot: Depot) =>
  [...depot.memory.table(outbox).values()].map(({ command, station, kind, by, askedAt, kept }) => ({
    command,
    station,
    kind,
    asked_at: toIso(askedAt),
    expires_at: kept === null ? null : toIso(kept.expiresAt),
    by,
  }))

/** What the API shows of tokens, reservations, local lists and waiting commands. */
export const stationDesk = (depot: Depot) => ({
  authorization: {
    tokens: () => tokensView(depot),
    reservations: () => reservationsView(depot),
    localList: (station: StationId) => localListView(depot, station),
  },
  waiting: () => commandsView(depot),
  variables: (station: StationId) => variablesView(depot, station),
  doubts: () => doubtsView(depot),
})

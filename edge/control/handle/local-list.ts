import type { StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { changesTo, localLists } from '../../domain/authorization/local-lists.ts'
import type { StationAnswer } from '../../domain/commands.ts'
import type { InputOf, LocalListResult, Submitted } from '../../domain/inputs.ts'
import type { LocalListEntry } from '../../domain/local-list.ts'
import type { Depot } from '../depot.ts'
import { knownEntries } from '../tokens.ts'

/** Entries in one message: what a station takes is often not told, and a fact has to fit its record. */
const MOST = 50
const DEADLINE = seconds(30)

interface Piece {
  readonly update: 'Full' | 'Differential'
  readonly entries: readonly LocalListEntry[]
}

/** Sends what the station lacks, in pieces; a piece that is not accepted ends it, and the next push is a full one. */
export function localListPush(
  depot: Depot,
  { station, by }: InputOf<'local-list-push'>,
): Submitted<'local-list-push'> {
  const changes = changesTo(depot.memory.table(localLists).get(station), knownEntries(depot))
  const outcome = push(depot, { station, by, pieces: piecesOf(changes), update: changes.update })
  outcome.catch(() => undefined)
  return { outcome, durable: outcome.then(() => undefined) }
}

function piecesOf({ update, entries }: Piece): Piece[] {
  const rest = entries.slice(MOST)
  const more = Array.from({ length: Math.ceil(rest.length / MOST) }, (_, n): Piece => {
    return { update: 'Differential', entries: rest.slice(n * MOST, (n + 1) * MOST) }
  })
  const none = update === 'Differential' && entries.length === 0
  return none ? [] : [{ update, entries: entries.slice(0, MOST) }, ...more]
}

interface Push {
  readonly station: StationId
  readonly by: string
  readonly pieces: readonly Piece[]
  readonly update: Piece['update']
}

async function push(depot: Depot, { station, by, pieces, update }: Push): Promise<LocalListResult> {
  const record = depot.memory.table(localLists).get(station)
  let version = record?.version ?? 0
  let sent = 0
  if (pieces.length === 0) return { status: 'accepted', version, update: 'none', sent, reason: null }
  for (const piece of pieces) {
    version += 1
    const answer = await sendPiece(depot, { station, by, version, piece })
    const reason = 'reason' in answer ? answer.reason : null
    if (answer.status !== 'accepted') return { status: answer.status, version, update, sent, reason }
    sent += piece.entries.length
  }
  return { status: 'accepted', version, update, sent, reason: null }
}

async function sendPiece(
  depot: Depot,
  { station, by, version, piece }: { station: StationId; by: string; version: number; piece: Piece },
): Promise<StationAnswer> {
  const { update } = piece
  const entries = piece.entries.map(({ idToken, status, group, expiresAt }) => {
    return { id_token: idToken, status, group, expires_at: expiresAt }
  })
  const subject = { type: 'station', id: station } as const
  await depot.recorder.record([
    depot.recorder.fact('LocalListSent', subject, { station, version, update, entries, by }),
  ])
  const command = { kind: 'send-local-list', version, ...piece } as const
  const answer = await depot.deps.commands.send(station, command, {
    priority: 'operator',
    deadline: DEADLINE,
  })
  const reason = 'reason' in answer ? answer.reason : null
  const data = { station, version, answer: answer.status, reason }
  await depot.recorder.record([depot.recorder.fact('LocalListAnswered', subject, data)])
  return answer
}

import type { StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { stationSecrets } from '../../domain/charging/station-secrets.ts'
import type { StationAnswer } from '../../domain/commands.ts'
import type { FactTypes } from '../../domain/facts.ts'
import type { CommandResult, InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'
import { resultOf } from '../handle/station-command.ts'
import { finishedFact } from '../outbox.ts'
import { secretRefusedBy } from './raw-secret.ts'

const DEADLINE = seconds(30)
/** Secrets that a station was sent and never used; each lets it in. */
const MOST_OFFERS = 4

/** Gives a station a secret of our own making. What it is, nobody but the station is told. */
export function passwordWanted(
  depot: Depot,
  input: InputOf<'password-wanted'>,
): Submitted<'password-wanted'> {
  const { station, by } = input
  const command = `${station}-${depot.now}-${depot.commandCount++}`
  const subject = { type: 'command', id: command } as const
  const received = { command, action: 'change-password', station, params: {}, by }
  const durable = depot.recorder.record([depot.recorder.fact('CommandReceived', subject, received)])
  const outcome = durable.then(async (): Promise<CommandResult> => {
    const answer = await change(depot, station, by)
    const reason = 'reason' in answer ? answer.reason : null
    const result = answer.status === 'not-sent' ? 'rejected' : answer.status
    await depot.recorder.record([finishedFact(depot, command, { result, reason })])
    return resultOf(command, answer)
  })
  outcome.catch(() => undefined)
  return { outcome, durable }
}

async function change(depot: Depot, station: StationId, by: string): Promise<StationAnswer> {
  const { roster } = depot
  if (roster === null) return { status: 'rejected', reason: 'this depot lets no station in' }
  if (!depot.links.has(station)) return { status: 'not-sent', reason: 'offline' }
  const { text: password, sha256 } = roster.newSecret()
  return offering(depot, { station, sha256, by }, () =>
    depot.deps.commands.send(
      station,
      { kind: 'change-password', password },
      { priority: 'operator', deadline: DEADLINE },
    ),
  )
}

/** Lets the station in by the new secret too, on disk before it leaves; takes that back when the station refuses it. */
export async function offering(
  depot: Depot,
  { station, sha256, by }: { readonly station: StationId; readonly sha256: string; readonly by: string },
  send: () => Promise<StationAnswer>,
): Promise<StationAnswer> {
  const configured = depot.roster?.configured(station) ?? null
  if (configured === null) return { status: 'rejected', reason: 'it is let in without a secret' }
  if ((depot.memory.table(stationSecrets).get(station)?.offers.length ?? 0) >= MOST_OFFERS)
    return { status: 'rejected', reason: 'it was sent several before and came with none of them' }
  await recorded(depot, 'StationSecretOffered', { station, sha256, configured, by })
  const answer = await send()
  const refused = secretRefusedBy(answer)
  const reason = 'reason' in answer ? answer.reason : refused
  const word = refused === null ? answer.status : 'rejected'
  await recorded(depot, 'StationSecretAnswered', { station, sha256, answer: word, reason })
  return answer
}

/** A station has come, and this is what it came with. */
export function secretUsed(depot: Depot, station: StationId, sha256: string | null): void {
  const row = depot.memory.table(stationSecrets).get(station)
  if (sha256 === null || row === undefined || row.offers.length === 0) return
  if (row.offers.some((offer) => offer.sha256 === sha256)) {
    void recorded(depot, 'StationSecretChanged', { station, sha256 }).catch(() => undefined)
    return
  }
  for (const offer of row.offers)
    if (offer.answer === 'unanswered')
      void recorded(depot, 'StationSecretKept', { station, sha256: offer.sha256 }).catch(() => undefined)
}

type Secret = 'StationSecretOffered' | 'StationSecretAnswered' | 'StationSecretChanged' | 'StationSecretKept'

async function recorded<T extends Secret>(depot: Depot, type: T, data: FactTypes[T]): Promise<void> {
  const { station } = data
  const fact = depot.recorder.fact(type, { type: 'station', id: station }, data)
  const saved = depot.recorder.record([fact as Parameters<typeof depot.recorder.record>[0][number]])
  depot.roster?.refresh(station)
  await saved
}

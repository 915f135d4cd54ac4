import { seconds } from '@busbar/units/time.ts'
import { doubtedLimit } from '../../domain/charging/limit-doubt.ts'
import type { StationAnswer } from '../../domain/commands.ts'
import type { Fact } from '../../domain/facts.ts'
import type { InputOf, OcppResult, Submitted } from '../../domain/inputs.ts'
import type { ChargingLimit } from '../../domain/limit.ts'
import type { RequestEffect } from '../../domain/ports/station-commands.ts'
import type { Depot } from '../depot.ts'
import { roomFor } from '../handle/authorize.ts'
import { withoutSecrets } from '../secrets.ts'
import { doubtFacts, evsesNamed } from './doubts.ts'
import { settleDoubts } from './settle.ts'

/** How long an engineer's request is waited for. */
const DEADLINE = seconds(30)

interface Asked extends InputOf<'ocpp-request'> {
  readonly command: string
}

/** On record before anything else, with who asked; what came of it is on record before it is told. */
export function ocppRequest(depot: Depot, input: InputOf<'ocpp-request'>): Submitted<'ocpp-request'> {
  const command = `${input.station}-${depot.now}-${depot.commandCount++}`
  const { station, action, payload, by } = input
  const received = { command, action: `ocpp:${action}`, station, params: withoutSecrets(payload), by }
  const durable = depot.recorder.record([
    depot.recorder.fact('CommandReceived', { type: 'command', id: command }, received),
  ])
  const outcome = durable.then(async (): Promise<OcppResult> => {
    const result = await run(depot, { ...input, command })
    await depot.recorder.record([finished(depot, command, result)])
    return result
  })
  outcome.catch(() => undefined)
  return { outcome, durable }
}

function finished(depot: Depot, command: string, result: OcppResult): Fact {
  const word =
    result.status === 'answered' ? 'accepted' : result.status === 'unanswered' ? 'unanswered' : 'rejected'
  const reason = result.status === 'answered' ? null : result.reason
  const data = { command, result: word, reason } as const
  return depot.recorder.fact('CommandFinished', { type: 'command', id: command }, data)
}

async function run(depot: Depot, asked: Asked): Promise<OcppResult> {
  const { station, action, payload, command } = asked
  const effect: RequestEffect = depot.deps.effects?.effectOf(station, { action, payload }) ?? {
    kind: 'may-raise',
    reboots: false,
  }
  const refusal = await refusalOf(depot, asked, effect)
  if (refusal !== null) return { command, ...refusal }
  const raw = { kind: 'raw', action, payload } as const
  const answer = await depot.deps.commands.send(station, raw, { priority: 'operator', deadline: DEADLINE })
  const undone = effect.kind === 'clear' || effect.kind === 'may-raise'
  settleDoubts(depot, asked, { undone, answer })
  return { command, ...resultOf(answer) }
}

type Refusal = { readonly status: 'refused' | 'limits' | 'not-sent'; readonly reason: string }

/** Counts what the request may do before it leaves, or says why it must not. */
async function refusalOf(depot: Depot, asked: Asked, effect: RequestEffect): Promise<Refusal | null> {
  switch (effect.kind) {
    case 'refused':
      return { status: 'refused', reason: effect.reason }
    case 'offline':
      return { status: 'not-sent', reason: 'offline' }
    case 'none':
      return null
    case 'may-raise':
      await depot.recorder.record(
        doubtFacts(depot, 0, {
          station: asked.station,
          action: asked.action,
          command: asked.command,
          limit: null,
          profile: null,
          reboots: effect.reboots,
        }),
      )
      return null
    case 'start':
      if ((await roomFor(depot, asked.station)) !== 'Accepted')
        return { status: 'limits', reason: 'there is no room for its fallback just now' }
      return effect.limit === null ? null : fits(depot, asked, effect)
    case 'limit':
      return fits(depot, asked, effect)
    case 'clear':
      return fits(depot, asked, { evse: effect.evse, limit: null, profile: null })
  }
}

/** Asks the balancer; what it grants is in its hold from then on, and on disk before the request leaves. */
async function fits(
  depot: Depot,
  asked: Asked,
  { evse, limit, profile }: { evse: number; limit: ChargingLimit | null; profile: number | null },
): Promise<Refusal | null> {
  const { station, action, command } = asked
  const named = evsesNamed(depot, station, evse)
  const limits = new Map(named.map((own) => [own.key, doubtedLimit([{ limit }], own.rating) ?? own.rating]))
  let stored: Promise<void> = Promise.resolve()
  const refusedBy = await new Promise<string | null>((settled) => {
    depot.limitRequests.add({
      limits,
      settle: settled,
      take: () => {
        const of = { station, action, command, limit, profile, reboots: false }
        stored = depot.recorder.record(doubtFacts(depot, evse, of))
        stored.catch(() => undefined)
      },
    })
    depot.urge()
  })
  if (refusedBy !== null) return { status: 'limits', reason: `it could overload ${refusedBy}` }
  await stored
  return null
}

type Result = OcppResult extends infer R ? (R extends OcppResult ? Omit<R, 'command'> : never) : never

function resultOf(answer: StationAnswer): Result {
  if (answer.status === 'not-sent') return { status: 'not-sent', reason: answer.reason }
  if ('response' in answer && answer.response !== undefined)
    return { status: 'answered', response: answer.response }
  if (answer.status === 'accepted') return { status: 'answered', response: {} }
  if (answer.error !== undefined) return { status: 'error', reason: answer.error.code, error: answer.error }
  if (answer.status === 'rejected') return { status: 'refused', reason: answer.reason }
  return { status: 'unanswered', reason: answer.reason }
}

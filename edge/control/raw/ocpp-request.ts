import { seconds } from '@busbar/units/time.ts'
import { doubtedLimit } from '../../domain/charging/limit-doubt.ts'
import { withoutSecrets } from '../../domain/charging/secrets.ts'
import type { StationAnswer } from '../../domain/commands.ts'
import type { Fact } from '../../domain/facts.ts'
import type { InputOf, OcppResult, Submitted } from '../../domain/inputs.ts'
import { type ChargingLimit, limitValue } from '../../domain/limit.ts'
import type { RequestEffect } from '../../domain/ports/station-commands.ts'
import type { Depot, LimitRequest } from '../depot.ts'
import { keepAnswer } from '../devices/variables-told.ts'
import { addressFault, withAddresses } from '../files/raw-addresses.ts'
import { roomFor } from '../handle/authorize.ts'
import { offering } from '../passwords/change-password.ts'
import { secretIn } from '../passwords/raw-secret.ts'
import { evsesNamed, takeBack } from './doubts.ts'
import { counted, sendCounted, underway } from './send-counted.ts'
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
  depot.conformance.of(station)?.abort(`${by} sent it a request`)
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
  const addressed = await addressedBy(depot, asked, effect)
  if ('refused' in addressed) return { command, status: 'refused', reason: addressed.refused }
  const raw = { kind: 'raw', action, payload: addressed.payload } as const
  const plainly = async () => {
    const options = { priority: 'operator', deadline: DEADLINE } as const
    const answer = await depot.deps.commands.send(station, raw, options)
    // Stored together with what came of the request.
    if (answer.status === 'accepted') keepAnswer(depot, station, answer).catch(() => undefined)
    return answer
  }
  const secret = secretIn(asked)
  const sha256 = secret && depot.roster?.hashOf(secret)
  const send = sha256 ? () => offering(depot, { station, sha256, by: asked.by }, plainly) : plainly
  if (effect.kind === 'may-raise') {
    const { reboots } = effect
    const answer = await sendCounted(depot, { station, command, action, reboots }, send)
    return { command, ...resultOf(answer) }
  }
  const said = await underway(depot, asked, async (): Promise<Refusal | { answer: StationAnswer }> => {
    return (await refusalOf(depot, asked, effect)) ?? { answer: await send() }
  })
  if (!('answer' in said)) return { command, ...said }
  settleDoubts(depot, asked, { undone: effect.kind === 'clear', answer: said.answer })
  return { command, ...resultOf(said.answer) }
}

/** The payload as it leaves, with addresses made for what stands for them; or why it must not leave. */
async function addressedBy(
  depot: Depot,
  asked: Asked,
  { kind }: RequestEffect,
): ReturnType<typeof withAddresses> {
  const fault = addressFault(depot, asked)
  if (fault !== null) return { refused: fault }
  // What never leaves gets no address, and what gets none leaves nothing to count.
  return kind === 'refused' || kind === 'offline' ? asked : withAddresses(depot, asked)
}

type Refusal = { readonly status: 'refused' | 'limits' | 'not-sent'; readonly reason: string }

/** Counts what the request may do before it leaves, or says why it must not. */
async function refusalOf(
  depot: Depot,
  asked: Asked,
  effect: Exclude<RequestEffect, { kind: 'may-raise' }>,
): Promise<Refusal | null> {
  switch (effect.kind) {
    case 'refused':
      return { status: 'refused', reason: effect.reason }
    case 'offline':
      return { status: 'not-sent', reason: 'offline' }
    case 'none':
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

/**
 * Asks the balancer; what it grants is in its hold from then on, and on disk before the request leaves. The disk may take
 * its time, so the balancer is asked again then: what may not rise any more is taken back.
 */
async function fits(
  depot: Depot,
  asked: Asked,
  { evse, limit, profile }: { evse: number; limit: ChargingLimit | null; profile: number | null },
): Promise<Refusal | null> {
  const { station, action, command } = asked
  const named = evsesNamed(depot, station, evse)
  const over = limit === null ? undefined : named.find(({ rating }) => exceeds(limit, rating))
  if (over !== undefined)
    return { status: 'limits', reason: `it is above the rating of ${over.label}, ${textOf(over.rating)}` }
  const limits = new Map(named.map((own) => [own.key, doubtedLimit([{ limit }], own.rating) ?? own.rating]))
  const of = { station, action, command, limit, profile, reboots: false }
  let stored: Promise<void> = Promise.resolve()
  const refusal = await granted(depot, limits, () => {
    stored = counted(depot, evse, of)
    stored.catch(() => undefined)
  })
  if (refusal !== null) return { status: 'limits', reason: refusal }
  await stored
  const since = await granted(depot, limits, () => undefined)
  if (since === null) return null
  takeBack(depot, of)
  return { status: 'limits', reason: since }
}

/** What the next decision says of the limits: why they may not be set, or null; then they are taken. */
const granted = (depot: Depot, limits: LimitRequest['limits'], take: () => void): Promise<string | null> =>
  new Promise((settle) => {
    depot.limitRequests.add({ limits, settle, take })
    depot.urge()
  })

const exceeds = (limit: ChargingLimit, rating: ChargingLimit): boolean =>
  'limit_a' in limit === 'limit_a' in rating && limitValue(limit) > limitValue(rating)

const textOf = (limit: ChargingLimit): string => `${limitValue(limit)} ${'limit_a' in limit ? 'A' : 'W'}`

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

import type { EvseKey } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { newestLimit } from '../../domain/charging/limit-ledger.ts'
import type { StationCommand } from '../../domain/commands.ts'
import {
  escalate,
  type Ladder,
  offendersOnly,
  type RowReading,
  reached,
  type Step,
} from '../../domain/load-balancing/escalation.ts'
import { fallbackLevel } from '../../domain/load-balancing/hold.ts'
import { freshReport, kept } from '../../domain/load-balancing/observation.ts'
import { openOverloads } from '../../domain/load-balancing/open-overloads.ts'
import { type Level, levelOf, type Row } from '../../domain/load-balancing/rows.ts'
import { sureLevel } from '../../domain/load-balancing/sure.ts'
import { meterQuality } from '../../domain/site/meter-trust.ts'
import type { Depot } from '../depot.ts'
import { type LimitMove, restingAfterFailure, sendLimit } from '../effects.ts'
import { isMeasured, measuredOn } from '../measured.ts'
import type { EvseNow } from '../use.ts'
import { leave, undo } from './undo.ts'

/** Below this draw, mA or W, there is nothing to stop. */
const NOTHING = 1000
const DEADLINE = seconds(10)

interface Fight {
  readonly row: Row
  readonly ladder: Ladder
  readonly reading: RowReading | null
  /** EVSEs that load the row. */
  readonly on: readonly EvseNow[]
}

/**
 * Watches every protect row that a live meter measures, and climbs the ladder of one that stays overloaded: caps limits,
 * ends transactions, takes EVSEs out of service. Decreases leave at once. Answers whether limits were sent.
 */
export function fightOverloads(depot: Depot, evses: readonly EvseNow[]): boolean {
  const { ladders } = depot
  ladders.caps.clear()
  let sent = false
  for (const [index, row] of depot.rows.entries()) {
    const sides = depot.wiring.sidesOf.get(index)
    if (row.duty !== 'protect' || sides === undefined) continue
    const before = ladders.of(row.id)
    const reading = readingOf(depot, row)
    const now = reading === null ? before : escalate(before, reading)
    ladders.set(row.id, now)
    if (now.ladder === null) {
      if (before.ladder !== null) leave(depot, row.id, { reason: 'it has been calm', by: 'controller' })
      continue
    }
    ladders.ending.delete(row.id)
    const on = evses.filter(({ loads }) => loads.some((c) => sides.includes(c.row) && c.perLevel > 0))
    sent = climb(depot, { row, ladder: now.ladder, reading, on }, before.ladder?.step ?? null) || sent
  }
  undo(depot)
  return sent
}

/** What the row's meter says, against the limit without what is kept free for its error; null unless it is live. */
function readingOf(depot: Depot, row: Row): RowReading | null {
  const circuit = depot.setup.site.circuits.get(row.circuit)
  const place = circuit?.meter == null ? undefined : depot.setup.site.meters.get(circuit.meter)
  const trust = place === undefined ? undefined : depot.meters.get(place.id)
  if (circuit === undefined || place === undefined || !trust?.reading || !isMeasured(row)) return null
  if (meterQuality(trust, depot.monotonic, place.poll) !== 'live') return null
  const load = measuredOn(depot, { circuit: row.circuit, quantity: row.kind, reading: trust.reading })
  if (load === null) return null
  const margin = row.kind === 'power' ? circuit.marginW : circuit.marginA * 1000
  return { at: trust.reading.measuredAtMonotonic, load, limit: row.limit + margin }
}

function climb(depot: Depot, fight: Fight, before: Step | null): boolean {
  const { row, ladder, on } = fight
  const lowered = on.filter((now) => {
    const level = reached(ladder, 'zero') ? 0 : lowest(now)
    depot.ladders.cap(now.evse.key, { level, row: row.id })
    return capped(depot, now, level)
  })
  if (before !== ladder.step)
    tell(depot, fight, { step: ladder.step, evses: isLimit(ladder.step) ? lowered : [] })
  const still = fight.reading !== null && fight.reading.load > fight.reading.limit
  for (const step of ['stop', 'inoperative'] as const)
    if (still && reached(ladder, step)) ask(depot, fight, step)
  return lowered.length > 0
}

const isLimit = (step: Step): boolean => step === 'minimum' || step === 'zero'

const lowest = ({ evse, use: { capabilities } }: EvseNow): Level =>
  evse.current === 'dc' ? capabilities.minPowerW : capabilities.minCurrentA * 1000

/** Sends the cap as a limit where the present one is above it. */
function capped(depot: Depot, now: EvseNow, level: Level): boolean {
  if (now.open === undefined || !depot.links.has(now.evse.station)) return false
  const newest = newestLimit(now.use.ledger)
  if ((newest === undefined ? fallbackLevel(now.use) : levelOf(newest.limit)) <= level) return false
  // Of a raise that may be lost, the cap could be a raise as well.
  const sure = newest === undefined ? level : sureLevel(now.use, depot.monotonic)
  const move: LimitMove = { level: Math.min(level, sure), kind: 'decrease' }
  if (restingAfterFailure(depot, now.evse.key, move)) return false
  sendLimit(depot, now.evse, move)
  return true
}

const offends = (depot: Depot, { use }: EvseNow): boolean =>
  use.disobeying || kept(use.observation, depot.monotonic) > 0

/** In a transaction and not seen to draw nothing. */
const draws = (depot: Depot, { use, open }: EvseNow): boolean =>
  open !== undefined &&
  (freshReport(use.observation, depot.monotonic)?.level ?? Number.POSITIVE_INFINITY) > NOTHING

/** Offenders first, then all who still draw. */
function ask(depot: Depot, fight: Fight, step: 'stop' | 'inoperative'): void {
  const drawing = fight.on.filter((now) => draws(depot, now) && depot.links.has(now.evse.station))
  const offenders = drawing.filter((now) => offends(depot, now))
  const first = offendersOnly(fight.ladder, step) && offenders.length > 0
  const due = (first ? offenders : drawing).filter((now) =>
    depot.ladders.mayAsk(`${step} ${now.evse.key}`, depot.monotonic),
  )
  const known = depot.memory.table(openOverloads).get(fight.row.id)
  const already = new Set(step === 'stop' ? known?.stopped : known?.inoperative)
  const fresh = due.filter((now) => !already.has(now.evse.key))
  if (fresh.length > 0) tell(depot, fight, { step, evses: fresh })
  for (const now of due) send(depot, now, step)
}

function send(depot: Depot, { evse, open }: EvseNow, step: 'stop' | 'inoperative'): void {
  if (open === undefined) return
  const command: StationCommand =
    step === 'stop'
      ? { kind: 'request-stop', transaction: open.transaction }
      : { kind: 'set-availability', evse: evse.evse, operative: false }
  depot.ladders.backInService.delete(evse.key)
  depot.deps.commands
    .send(evse.station, command, { priority: 'operator', deadline: DEADLINE })
    .catch(() => undefined)
}

function tell(depot: Depot, fight: Fight, of: { step: Step; evses: readonly EvseNow[] }): void {
  const { row, reading, on } = fight
  const amount = (value: number) => (row.kind === 'power' ? value : value / 1000)
  const keys = (evses: readonly EvseNow[]): EvseKey[] => evses.map(({ evse }) => evse.key)
  depot.recorder.note([
    depot.recorder.fact(
      'OverloadEscalated',
      { type: 'site', id: row.id },
      {
        circuit: row.circuit,
        row: row.id,
        step: of.step,
        measured: amount(reading?.load ?? 0),
        limit: amount(reading?.limit ?? row.limit),
        unit: row.kind === 'power' ? 'W' : 'A',
        evses: keys(of.evses),
        offenders: keys(on.filter((now) => offends(depot, now))),
      },
    ),
  ])
}

import { evseKey } from '@busbar/model/ids.ts'
import { between, minutes } from '@busbar/units/time.ts'
import { doubtfulRecords } from '../../domain/charging/doubtful.ts'
import { isRegister, LARGEST_ENERGY, weighed } from '../../domain/charging/plausible.ts'
import { nextSoc } from '../../domain/charging/soc.ts'
import { energyTo, type OpenTransaction, openTransactions } from '../../domain/charging/transaction.ts'
import type { Fact } from '../../domain/facts.ts'
import type { EvseSample, InputOf, Submitted } from '../../domain/inputs.ts'
import { holdLevel } from '../../domain/load-balancing/hold.ts'
import { observe } from '../../domain/load-balancing/observation.ts'
import type { RawSample } from '../../domain/ports/fact-log.ts'
import type { Evse } from '../../domain/site/site.ts'
import type { Depot } from '../depot.ts'
import { LIVE } from '../station-clocks.ts'
import { useOf } from '../use.ts'
import { oneReport } from './one-report.ts'
import { isUnknownEvse } from './unknown-evse.ts'

/** A running transaction's register becomes a fact this often; every value is kept raw. */
const ENERGY_FACTS = minutes(1)

export function meterValues(depot: Depot, input: InputOf<'meter-values'>): Submitted<'meter-values'> {
  const samples = takeSamples(depot, input)
  const facts = [
    ...oddFacts(depot, input),
    ...input.samples.flatMap((sample) => energyFact(depot, input, weighed(sample).sample)),
  ]
  if (input.transaction === null) facts.push(...signedValueFacts(depot, input))
  return { outcome: undefined, durable: depot.recorder.record(facts, samples) }
}

/** The signed values among the samples, word for word. */
export const signedValueFacts = (
  depot: Depot,
  { station, evse, transaction, samples }: Omit<InputOf<'meter-values'>, 'type'>,
): Fact[] =>
  samples.flatMap(({ signed = [], time }) =>
    signed.map(({ context, text }) =>
      depot.recorder.fact(
        'SignedMeterValueRead',
        { type: 'evse', id: evseKey(station, evse) },
        { station, evse, transaction, measured_at: time.at, context, signed: text },
      ),
    ),
  )

/**
 * Takes in what the samples say of the present; the answer is what to keep raw. The live ones of a message count as one
 * report: several in one envelope are no repeated proof.
 */
export function takeSamples(depot: Depot, input: InputOf<'meter-values'>): readonly RawSample[] {
  depot.conformance.of(input.station)?.takes(input.samples, { at: depot.now, evse: input.evse })
  for (const { time } of input.samples) depot.stationClocks.heard(input.station, time, depot.now)
  if (isUnknownEvse(depot, input)) return []
  const evse = depot.setup.site.evses.get(evseKey(input.station, input.evse))
  const believed = input.samples.map((sample) => weighed(sample).sample)
  const live = believed.filter((sample) => between(sample.time.at, depot.now) <= LIVE)
  if (evse !== undefined) for (const sample of believed) weighSoc(depot, evse, sample)
  const report = evse === undefined ? undefined : oneReport(live, evse.current)
  if (evse !== undefined && report !== undefined) look(depot, evse, report)
  return input.samples.map((sample) => ({
    source: { station: input.station, evse: input.evse, transaction: input.transaction },
    at: sample.time.at,
    values: rawValues(sample),
  }))
}

/** A state of charge that cannot be is kept raw and goes no further. */
function weighSoc(depot: Depot, { key }: Evse, { socPct, registerWh }: EvseSample): void {
  const vehicle = depot.transactionAt(key)?.vehicle ?? null
  const soc = nextSoc(depot.socs.get(key) ?? null, {
    toldPct: socPct ?? null,
    registerWh: registerWh ?? null,
    batteryWh: vehicle === null ? null : (depot.setup.fleet.vehicles.get(vehicle)?.batteryWh ?? null),
  })
  if (soc !== null) depot.socs.set(key, soc)
}

function look(depot: Depot, evse: Evse, told: EvseSample): void {
  const soc = depot.socs.get(evse.key)
  const sample: EvseSample = soc === undefined ? told : { ...told, socPct: soc.pct }
  const { monotonic, now } = depot
  const use = useOf(depot, evse, depot.transactionAt(evse.key))
  const held = holdLevel({ ...use, observation: { ...use.observation, overdraw: null } }, monotonic)
  const connectedSince = depot.links.get(evse.station)?.since ?? null
  const takenAt = depot.stationClocks.takenAt(evse.station, sample.time, { now, monotonic, connectedSince })
  // A sample from before a release shows what stood then; that is no draw above what stands now.
  const released = depot.released.get(evse.key)
  const inForce = released !== undefined && takenAt < released.at ? Math.max(held, released.level) : held
  const seen = observe(use.observation, sample, { evse, inForce, takenAt, now: monotonic, receivedAt: now })
  depot.observations.set(evse.key, seen)
}

const rawValues = (sample: EvseSample): string =>
  JSON.stringify({
    register_wh: sample.registerWh,
    power_w: sample.powerW,
    offered_a: sample.offeredA,
    current_a: sample.currentA,
    voltage_v: sample.voltageV,
    soc_pct: sample.socPct,
    clock: sample.time.clock,
    stated_at: sample.time.clock === 'synced' ? undefined : sample.time.stated,
  })

/** Values that cannot be are kept raw and used for nothing; the transaction that they came with is flagged. */
function oddFacts(depot: Depot, input: InputOf<'meter-values'>): Fact[] {
  const open = runningOf(depot, input)
  if (open === undefined) return []
  const { transaction, station } = open
  const reasons = input.samples.flatMap((sample) => [...weighed(sample).odd, ...fall(depot, open, sample)])
  const known = depot.memory.table(doubtfulRecords).get(station)
  const flagged = known?.find((record) => record.transaction === transaction)?.reasons ?? []
  // One of its kind is enough: a meter that is wrong is wrong with every report.
  const kinds = new Map(reasons.map((reason) => [kindOf(reason), reason]))
  return [...kinds]
    .filter(([kind]) => !flagged.some((reason) => kindOf(reason) === kind))
    .map(([, reason]) => {
      const data = { transaction, station, reason }
      return depot.recorder.fact('TransactionFlagged', { type: 'transaction', id: transaction }, data)
    })
}

const kindOf = (reason: string): string => reason.replace(/ -?[\d.e+]+.*$/i, '')

/** A register below or far above the last one, of a later time: neither is used. */
function fall(depot: Depot, open: OpenTransaction, { registerWh, time }: EvseSample): string[] {
  const last = depot.lastEnergyFact.get(open.transaction)
  if (registerWh === undefined || !isRegister(registerWh)) return []
  if (isJump(open, registerWh)) return [`register jumps to ${registerWh} from ${open.registerWh}`]
  const later = last !== undefined && between(last, time.at) > 0
  return later && registerWh < open.registerWh ? [`register falls to ${registerWh}`] : []
}

const isJump = (open: OpenTransaction, registerWh: number): boolean =>
  open.meterStartWh >= 0 && registerWh - open.registerWh > LARGEST_ENERGY

function energyFact(depot: Depot, input: InputOf<'meter-values'>, sample: EvseSample): Fact[] {
  const open = runningOf(depot, input)
  if (open === undefined || sample.registerWh === undefined || sample.registerWh < open.registerWh) return []
  if (isJump(open, sample.registerWh)) return []
  const last = depot.lastEnergyFact.get(open.transaction)
  const soc = depot.socs.get(evseKey(open.station, open.evse))
  const socPct = soc === undefined || soc.estimated ? null : soc.pct
  const newSoc = socPct !== null && (open.socPct === null || Math.abs(socPct - open.socPct) >= 1)
  if (last !== undefined && Math.abs(between(last, sample.time.at)) < ENERGY_FACTS && !newSoc) return []
  depot.lastEnergyFact.set(open.transaction, sample.time.at)
  const data = {
    transaction: open.transaction,
    register_wh: sample.registerWh,
    energy_wh: energyTo(open, sample.registerWh),
    soc_pct: socPct,
  }
  return [depot.recorder.fact('TransactionEnergyRead', { type: 'transaction', id: open.transaction }, data)]
}

function runningOf(depot: Depot, input: InputOf<'meter-values'>): OpenTransaction | undefined {
  const named =
    input.transaction === null ? undefined : depot.memory.table(openTransactions).get(input.transaction)
  if (named !== undefined) return named.station === input.station ? named : undefined
  return input.transaction === null ? depot.transactionAt(evseKey(input.station, input.evse)) : undefined
}

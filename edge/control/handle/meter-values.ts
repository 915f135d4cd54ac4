import { evseKey } from '@busbar/model/ids.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { between, minutes, toIso } from '@busbar/units/time.ts'
import { type OpenTransaction, openTransactions } from '../../domain/charging/transaction.ts'
import type { Fact } from '../../domain/facts.ts'
import type { EvseSample, InputOf, Submitted } from '../../domain/inputs.ts'
import { holdLevel } from '../../domain/load-balancing/hold.ts'
import { observe } from '../../domain/load-balancing/observation.ts'
import type { RawSample } from '../../domain/ports/fact-log.ts'
import type { Depot } from '../depot.ts'
import { useOf } from '../use.ts'

/** A running transaction's register becomes a fact this often; every value is kept raw. */
const ENERGY_FACTS = minutes(1)
/** A sample this old was queued while the station was offline: it books energy, but says nothing of the present. */
const LIVE = minutes(1)

export function meterValues(depot: Depot, input: InputOf<'meter-values'>): Submitted<'meter-values'> {
  const samples = takeSamples(depot, input)
  const facts = input.samples.flatMap((sample) => energyFact(depot, input, sample))
  return { outcome: undefined, durable: depot.recorder.record(facts, samples) }
}

/** Takes in what the samples say of the present; the answer is what to keep raw. */
export function takeSamples(depot: Depot, input: InputOf<'meter-values'>): readonly RawSample[] {
  const key = evseKey(input.station, input.evse)
  const evse = depot.setup.site.evses.get(key)
  const at = { now: depot.now, monotonic: depot.monotonic }
  for (const sample of input.samples) {
    const live = between(sample.time.at, at.now) <= LIVE
    if (evse === undefined || !live) continue
    const use = useOf(depot, evse)
    const inForce = holdLevel({ ...use, observation: { ...use.observation, overdraw: null } }, at)
    depot.observations.set(
      key,
      observe(depot.observation(key), sample, { evse, inForce, now: at.monotonic, receivedAt: at.now }),
    )
  }
  return input.samples.map((sample) => ({
    source: { station: input.station, evse: input.evse, transaction: input.transaction },
    at: sample.time.at,
    values: rawValues(sample),
  }))
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
    sampled_at: toIso(sample.time.at),
  })

function energyFact(depot: Depot, input: InputOf<'meter-values'>, sample: EvseSample): Fact[] {
  const open = runningOf(depot, input)
  if (open === undefined || sample.registerWh === undefined || sample.registerWh < open.registerWh) return []
  const last = depot.lastEnergyFact.get(open.transaction)
  const newSoc =
    sample.socPct !== undefined && (open.socPct === null || Math.abs(sample.socPct - open.socPct) >= 1)
  if (last !== undefined && between(last, sample.time.at) < ENERGY_FACTS && !newSoc) return []
  depot.lastEnergyFact.set(open.transaction, sample.time.at)
  const data = {
    transaction: open.transaction,
    register_wh: sample.registerWh,
    energy_wh: wattHours(sample.registerWh - open.meterStartWh),
    soc_pct: sample.socPct ?? null,
  }
  return [depot.recorder.fact('TransactionEnergyRead', { type: 'transaction', id: open.transaction }, data)]
}

function runningOf(depot: Depot, input: InputOf<'meter-values'>): OpenTransaction | undefined {
  const named =
    input.transaction === null ? undefined : depot.memory.table(openTransactions).get(input.transaction)
  if (named !== undefined) return named.station === input.station ? named : undefined
  return input.transaction === null ? depot.transactionAt(evseKey(input.station, input.evse)) : undefined
}

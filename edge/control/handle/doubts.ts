import { type WattHours, wattHours } from '@busbar/units/electricity.ts'
import { type Doubtful, doubtfulRecords } from '../../domain/charging/doubtful.ts'
import type { TransactionEnd } from '../../domain/charging/transaction.ts'
import type { Fact } from '../../domain/facts.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'
import { knownBy } from './transactions.ts'

type Settling = InputOf<'doubt-settled'>
type Result = Submitted<'doubt-settled'>

/** A person has looked at it: who, how and why is on record; figures that were put right replace those that stood. */
export function doubtSettled(depot: Depot, input: Settling): Result {
  const doubt = [...depot.memory.table(doubtfulRecords).values()].flat().find(({ id }) => id === input.doubt)
  if (doubt === undefined) return refused('unknown', null)
  const facts = input.resolution === 'corrected' ? correction(depot, input, doubt) : []
  if (typeof facts === 'string') return refused('rejected', facts)
  const { resolution, reason, by } = input
  const transaction = input.transaction ?? doubt.transaction
  const settled = depot.recorder.fact(
    'DoubtSettled',
    { type: 'station', id: doubt.station },
    { doubt: doubt.id, station: doubt.station, transaction, resolution, reason, by },
  )
  return {
    outcome: { status: 'settled', reason: null },
    durable: depot.recorder.record([...facts, settled]),
  }
}

const refused = (status: 'unknown' | 'rejected', reason: string | null): Result => ({
  outcome: { status, reason },
  durable: Promise.resolve(),
})

/** The corrected figures of an ended transaction; or why there are none. */
function correction(depot: Depot, input: Settling, doubt: Doubtful): Fact[] | string {
  const transaction = input.transaction ?? doubt.transaction
  if (transaction === null) return 'it names no transaction to correct'
  const known = knownBy(depot, doubt.station, (entry) => entry.transaction === transaction)
  if (known === undefined) return `station ${doubt.station} has no transaction ${transaction}`
  if (known.end === null) return `transaction ${transaction} still runs`
  if (input.meterStopWh === null) return 'the register at its end is needed'
  const startWh = known.end.meterStopWh - known.end.energyWh
  if (input.meterStopWh < startWh) return `the register is below that of its start, ${startWh} Wh`
  const data = corrected(known.end, input.meterStopWh, startWh)
  return [
    depot.recorder.fact(
      'TransactionCorrected',
      { type: 'transaction', id: transaction },
      { transaction, station: doubt.station, ...data, ended_at: known.end.endedAt ?? depot.now },
    ),
  ]
}

const corrected = ({ evse, reason = 'Other' }: TransactionEnd, meterStopWh: WattHours, startWh: number) => ({
  evse,
  reason,
  meter_stop_wh: meterStopWh,
  energy_wh: wattHours(meterStopWh - startWh),
  incomplete: false,
  suspect: null,
})

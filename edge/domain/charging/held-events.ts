import type { TransactionEvent } from '../inputs.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** The events of a station that wait for one before them, in the order in which they came. */
export const heldEvents: ProjectionDefinition<readonly TransactionEvent[]> = {
  name: 'held-event',
  keys: ({ fact }) =>
    fact.type === 'TransactionEventHeld' || fact.type === 'TransactionEventApplied'
      ? [fact.data.station]
      : [],
  next: (row = [], { fact }) => {
    // An event is stored as it was decoded, by the same program.
    if (fact.type === 'TransactionEventHeld') return [...row, fact.data.event as TransactionEvent]
    if (fact.type !== 'TransactionEventApplied') return row
    const { name, seq_no: seqNo } = fact.data
    const left = row.filter((event) => event.name !== name || event.seqNo !== seqNo)
    return left.length === 0 ? undefined : left
  },
}

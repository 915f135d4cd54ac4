import type { Subject } from '../../domain/facts.ts'
import type { FileEvent } from '../../domain/file-facts.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'

/** What became of a file is kept; nothing else follows from it here. */
export function fileEvent(
  depot: Depot,
  { type: _, ...event }: InputOf<'file-event'>,
): Submitted<'file-event'> {
  const fact = depot.recorder.fact(event.fact, subjectOf(event), event.data)
  return {
    outcome: undefined,
    durable: depot.recorder.record([fact as Parameters<typeof depot.recorder.record>[0][number]]),
  }
}

const subjectOf = ({ data }: FileEvent): Subject =>
  'image' in data ? { type: 'firmware-image', id: data.image } : { type: 'station', id: data.station }

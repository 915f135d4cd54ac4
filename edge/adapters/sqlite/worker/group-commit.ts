import type { Append, AppendItem, FromWorker } from '../messages.ts'
import { reasonOf } from './database.ts'
import type { Store } from './store.ts'

type Result = Extract<FromWorker, { kind: 'committed' | 'failed' }>

/** Facts in one group at most, so that a flood cannot keep the first of them from the disk. */
const GROUP_LIMIT = 20_000

/**
 * Commits `first` and all that arrives until the group is written, in one transaction. While it syncs, the next group
 * gathers by itself. A failed group leaves nothing behind, no number either.
 */
export function commitGroup(store: Store, first: Append, next: () => Append | undefined): Result {
  const items: AppendItem[] = []
  let through = first.post
  let facts = 0
  try {
    store.begin()
    for (let append: Append | undefined = first; append; append = facts < GROUP_LIMIT ? next() : undefined) {
      through = append.post
      for (const item of append.items) {
        store.add(item)
        facts += item.facts.length
        if (item.samples.length > 0) items.push(item)
      }
    }
    store.commit()
  } catch (thrown) {
    store.rollback()
    return { kind: 'failed', through, message: reasonOf(thrown) }
  }
  return { kind: 'committed', through, head: store.log.seq, samplesLost: addSamples(store, items) }
}

function addSamples(store: Store, items: readonly AppendItem[]): string | null {
  if (items.length === 0) return null
  try {
    store.samples.add(items)
    return null
  } catch (thrown) {
    return reasonOf(thrown)
  }
}

import type { Clock } from '@busbar/model/clock.ts'
import type { CloudLink } from './cloud-link.ts'

/** The link of a depot that stands alone: nothing is owed to anybody. */
export function createNoCloudLink(clock: Clock): CloudLink {
  const since = clock.now()
  return {
    start: async () => undefined,
    stop: async () => undefined,
    state: () => ({ state: 'none', since, acked: 0, unsent: 0, oldestUnsentAt: null, reason: null }),
    publishState: () => undefined,
  }
}

import { SiteView, TrendView } from '@busbar/contracts/lan-api/site-view.ts'
import { decode } from '@busbar/ui-kit/live/decode.ts'
import { LiveStore } from '@busbar/ui-kit/live/live-store.ts'

/** The depot as it is now. */
export const createSiteStore = (): LiveStore<SiteView> =>
  new LiveStore({
    snapshot: '/api/v1/site',
    stream: '/api/v1/live',
    event: 'site',
    silence: 4_000,
    parse: (value) => decode(SiteView, value),
  })

/** The last quarter of an hour; null when it cannot be had. */
export async function fetchTrend(signal: AbortSignal): Promise<TrendView | null> {
  try {
    const answer = await fetch('/api/v1/site/trend', { signal })
    return answer.ok ? decode(TrendView, await answer.json()) : null
  } catch {
    return null
  }
}

import type { Level } from '../../../domain/load-balancing/rows.ts'
import type { Evse } from '../../../domain/site/site.ts'
import type { Sight } from '../sight.ts'

/** A level as people read it. */
export const shown = ({ current }: Pick<Evse, 'current'>, level: Level | null): string => {
  if (level === null) return 'an unknown current'
  return current === 'ac' ? `${(level / 1000).toFixed(1)} A` : `${(level / 1000).toFixed(1)} kW`
}

/** Who saw it. */
export const seenBy = ({ by }: Pick<Sight, 'by'>): string =>
  by === 'site-meter' ? "by the site's meter" : "by the station's own values alone"

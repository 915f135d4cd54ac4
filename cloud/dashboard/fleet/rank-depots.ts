import type { DepotView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { countSeverities } from './fleet-figures.ts'

/** A column the table can be sorted by. `worst` is how soon someone should look. */
export type SortKey = 'worst' | 'name' | 'link' | 'power' | 'stations' | 'vehicles' | 'departures'

/** Which depots are shown: all, those that need someone, those whose values are not those of now. */
export type Filter = 'all' | 'attention' | 'not-live'

const LINKS: readonly DepotView['link']['state'][] = ['offline', 'never', 'delayed', 'live']

type Trouble = (depot: DepotView) => boolean
const hasSeverity =
  (level: number): Trouble =>
  ({ snapshot }) =>
    (countSeverities(snapshot)[level - 1] ?? 0) > 0
const isLinked =
  (state: DepotView['link']['state']): Trouble =>
  ({ link }) =>
    link.state === state

/** Worst first. */
const TROUBLES: readonly Trouble[] = [
  hasSeverity(1),
  ({ snapshot }) => (snapshot?.site.headroom_w ?? 0) < 0,
  isLinked('offline'),
  hasSeverity(2),
  isLinked('delayed'),
  isLinked('never'),
  ({ snapshot }) => (snapshot ? snapshot.departures.at_risk + snapshot.departures.not_ready > 0 : false),
  hasSeverity(3),
  hasSeverity(4),
  ({ snapshot }) => (snapshot ? snapshot.stations.online < snapshot.stations.total : false),
]

/** How bad it is: 0 is worst; `TROUBLES.length` is nothing to do. */
export function badness(depot: DepotView): number {
  const found = TROUBLES.findIndex((trouble) => trouble(depot))
  return found < 0 ? TROUBLES.length : found
}

const share = (part: number, whole: number): number => (whole > 0 ? part / whole : -1)

const VALUES: Record<Exclude<SortKey, 'name'>, (depot: DepotView) => number> = {
  worst: badness,
  link: ({ link }) => LINKS.indexOf(link.state),
  power: ({ snapshot }) => -share(snapshot?.site.import_w ?? 0, snapshot?.site.limit_w ?? 0),
  stations: ({ snapshot }) => (snapshot ? share(snapshot.stations.online, snapshot.stations.total) : 2),
  vehicles: ({ snapshot }) => -(snapshot?.vehicles.charging ?? -1),
  departures: ({ snapshot }) =>
    -(snapshot ? snapshot.departures.at_risk + snapshot.departures.not_ready : -1),
}

const byName = (a: DepotView, b: DepotView): number => a.name.localeCompare(b.name, 'en', { numeric: true })

/** The depots in the order of a column, what needs a look first; `turned` is the other way round. Ties by name. */
export function rankDepots(depots: readonly DepotView[], key: SortKey, turned: boolean): DepotView[] {
  const sign = turned ? -1 : 1
  const order =
    key === 'name'
      ? (a: DepotView, b: DepotView) => sign * byName(a, b)
      : (a: DepotView, b: DepotView) => sign * (VALUES[key](a) - VALUES[key](b)) || byName(a, b)
  return [...depots].sort(order)
}

/** Whether a depot passes the filter and its name has the text in it. */
export function passes(depot: DepotView, filter: Filter, text: string): boolean {
  const found = depot.name.toLocaleLowerCase('en').includes(text.trim().toLocaleLowerCase('en'))
  if (!found || filter === 'all') return found
  return filter === 'not-live' ? depot.link.state !== 'live' : badness(depot) < TROUBLES.length
}

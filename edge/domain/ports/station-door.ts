import type { StationId } from '@busbar/model/ids.ts'
import type { Duration } from '@busbar/units/time.ts'

/** The line to a station, beside what is said on it. */
export interface StationDoor {
  /** Ends the station's connection and lets it in again only after this time; 0 lets it in at once. */
  shut(station: StationId, time: Duration): void
  /** Pings sent and answered on its present connection; null when it has none. */
  pings(station: StationId): { readonly sent: number; readonly answered: number } | null
}

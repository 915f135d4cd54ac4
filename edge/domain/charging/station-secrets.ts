import type { ProjectionDefinition } from '../ports/projections.ts'

interface Offer {
  readonly sha256: string
  readonly answer: 'accepted' | 'unanswered' | null
}

/** Secrets of a station beside the configured one. */
export interface StationSecrets {
  /** What was configured when they began to differ. */
  readonly configured: string | null
  /** Null: the configured one. */
  readonly current: string | null
  /** Sent to it and not used yet, oldest first. */
  readonly offers: readonly Offer[]
}

const NONE: StationSecrets = { configured: null, current: null, offers: [] }
const without = (row: StationSecrets, sha256: string): StationSecrets => ({
  ...row,
  offers: row.offers.filter((offer) => offer.sha256 !== sha256),
})

/** Secrets by station. @see OCPP 1.6 security whitepaper, A01; 2.0.1 A01 */
export const stationSecrets: ProjectionDefinition<StationSecrets> = {
  name: 'station-secret',
  keys: ({ fact }) =>
    fact.type.startsWith('StationSecret') && 'station' in fact.data ? [String(fact.data.station)] : [],
  next: (row = NONE, { fact }) => {
    switch (fact.type) {
      case 'StationSecretOffered': {
        const { sha256, configured } = fact.data
        const kept = row.configured === configured ? row : NONE
        return { ...kept, configured, offers: [...without(kept, sha256).offers, { sha256, answer: null }] }
      }
      case 'StationSecretAnswered': {
        const { sha256, answer } = fact.data
        if (answer === 'rejected' || answer === 'not-sent') return without(row, sha256)
        return {
          ...row,
          offers: row.offers.map((offer) => (offer.sha256 === sha256 ? { sha256, answer } : offer)),
        }
      }
      case 'StationSecretChanged':
        return { ...row, current: fact.data.sha256, offers: [] }
      case 'StationSecretKept':
        return without(row, fact.data.sha256)
      default:
        return row
    }
  },
}

/**
 * The secrets that let a station in, SHA-256 in hex, the one it is known to have first.
 * @param configured what the configuration, or whoever added the station, names; null for none
 */
export function secretsNow(
  row: StationSecrets | undefined,
  configured: string | null,
): { readonly current: string | null; readonly offered: readonly string[] } {
  if (row === undefined || row.configured !== configured) return { current: configured, offered: [] }
  return { current: row.current ?? configured, offered: row.offers.map(({ sha256 }) => sha256) }
}

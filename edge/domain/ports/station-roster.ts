import type { StationId } from '@busbar/model/ids.ts'

/** Who is let in at the listener of stations, and the secrets that let them in. */
export interface StationRoster {
  /** Takes what is on record of the station now: who is on none is let in no more, and his connection is ended. */
  refresh(station: StationId): void
  /** There is a listener over TLS. */
  readonly secure: boolean
  /** SHA-256 (hex) of the secret that the configuration, or who added the station, gave it; null for none. */
  configured(station: StationId): string | null
  /** Printable, from a source of chance that nobody can foresee; the text is kept nowhere. */
  newSecret(): { readonly text: string; readonly sha256: string }
  /** SHA-256 (hex) of a secret's bytes, which come as hex or as text. */
  hashOf(secret: { readonly hex: string } | { readonly text: string }): string
}

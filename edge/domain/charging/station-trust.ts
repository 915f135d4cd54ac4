import type { StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** What a station is known to hold of our authority; it may hold more. */
export interface StationTrust {
  readonly station: StationId
  /** Roots that it took, by generation from 1. */
  readonly roots: readonly number[]
  /** The newest certificate that it took; null when none is known. */
  readonly certificate: {
    readonly serial: string
    readonly notAfter: Instant
    readonly generation: number
  } | null
}

/** Roots and certificates by station, folded from what each has accepted. */
export const stationTrust: ProjectionDefinition<StationTrust> = {
  name: 'station-trust',
  keys: ({ fact }) =>
    fact.type === 'RootCertificateInstalled' || fact.type === 'CertificateIssued' ? [fact.data.station] : [],
  next: (row, { fact }) => {
    if (fact.type === 'RootCertificateInstalled') {
      const { station, generation } = fact.data
      const known = row ?? { station, roots: [], certificate: null }
      return { ...known, roots: [...new Set([...known.roots, generation])] }
    }
    if (fact.type !== 'CertificateIssued' || fact.data.answer !== 'accepted') return row
    const { station, serial, not_after: notAfter, generation } = fact.data
    return { roots: [], ...row, station, certificate: { serial, notAfter, generation } }
  },
}

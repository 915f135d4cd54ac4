import type { StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'

/** What can have happened to certificates of stations; `facts.ts` says how facts are kept. */
export interface CertificateFacts {
  /** The authority signed a station's request; `answer` is what became of giving it the certificate. */
  CertificateIssued: {
    station: StationId
    serial: string
    not_after: Instant
    generation: number
    answer: 'accepted' | 'rejected' | 'unanswered' | 'not-sent'
    reason: string | null
  }
  CertificateRefused: { station: StationId; reason: string }
  CertificateRevoked: { station: StationId; serial: string; by: string }
  /** The station took this root of the depot's authority. */
  RootCertificateInstalled: { station: StationId; generation: number }
  /** A new root signs from now on, beside the old one. */
  AuthorityRotated: { generation: number; by: string }
  /** No root but this one is trusted any more. */
  AuthorityRetired: { generation: number; by: string }
}

import type { StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type {
  CertificateRecord,
  IssuedCertificate,
  ServerIdentity,
  SigningRefusal,
  TrustAnchors,
} from '../../../domain/ports/station-authority.ts'

/** What the authority's process is started with. */
export interface AuthorityOptions {
  readonly folder: string
  /** `O` of every subject. */
  readonly operator: string
}

/** Everything it is asked; `now` comes with each request, since time enters at a port. */
export interface AuthorityRequests {
  trust: { params: { now: Instant }; answer: TrustAnchors }
  serverIdentity: { params: { now: Instant; names: readonly string[] }; answer: ServerIdentity }
  sign: {
    params: { now: Instant; csr: string; station: StationId; names: readonly string[] }
    answer: IssuedCertificate | SigningRefusal
  }
  issued: { params: Record<string, never>; answer: readonly CertificateRecord[] }
  revoke: { params: { serial: string }; answer: null }
  rotate: { params: { now: Instant }; answer: null }
  retire: { params: Record<string, never>; answer: null }
}

export type AuthorityRequestName = keyof AuthorityRequests

export type ToAuthority = {
  [N in AuthorityRequestName]: {
    readonly id: number
    readonly name: N
    readonly params: AuthorityRequests[N]['params']
  }
}[AuthorityRequestName]

export type FromAuthority =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }

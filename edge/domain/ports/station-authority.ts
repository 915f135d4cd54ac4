import type { StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'

/** A certificate that the authority has issued. PEM everywhere. */
export interface IssuedCertificate {
  /** The certificate and the chain up to, but without, its root, as a station installs them. */
  readonly chain: string
  /** Lower-case hex. */
  readonly serial: string
  readonly notAfter: Instant
}

/** What TLS needs at the depot's own end. */
export interface ServerIdentity {
  readonly certificate: string
  readonly key: string
}

/** What tells good certificates from others. */
export interface TrustAnchors {
  /** Roots that are trusted now; two while the authority is being replaced. The newest is last. */
  readonly roots: readonly string[]
  /** Number of each root, counted from 1 since the first start. */
  readonly generations: readonly number[]
  /** One list for each root. */
  readonly revocationLists: readonly string[]
}

/** One certificate as the authority remembers it. */
export interface CertificateRecord {
  readonly serial: string
  readonly station: StationId
  readonly notAfter: Instant
  readonly revoked: boolean
  /** Which root signed it, counted from 1. */
  readonly generation: number
}

/** Why a request for a certificate was refused. */
export interface SigningRefusal {
  readonly refused: 'unreadable' | 'bad-signature' | 'wrong-name' | 'weak-key'
  readonly reason: string
}

/**
 * The depot's own certificate authority for its stations (OCPP security profiles 2 and 3). Its keys never leave it.
 * Every call rejects with `pki.failed` when the authority does not answer.
 */
export interface StationAuthority {
  trust(): Promise<TrustAnchors>
  /** A fresh key and certificate for the depot's own TLS end, for these DNS names and addresses. */
  serverIdentity(names: readonly string[]): Promise<ServerIdentity>
  /**
   * Signs a station's request when it proves its key and names nobody else.
   * @param names  common names that this station may have: its identity, its serial number
   */
  sign(request: {
    readonly csr: string
    readonly station: StationId
    readonly names: readonly string[]
  }): Promise<IssuedCertificate | SigningRefusal>
  issued(): Promise<readonly CertificateRecord[]>
  /** Takes effect with the next `trust()`; an unknown serial changes nothing. */
  revoke(serial: string): Promise<void>
  /** Makes a new root that signs from now on; the old one stays trusted until `retire`. */
  rotate(): Promise<void>
  /** Trusts no root but the newest any more. */
  retire(): Promise<void>
}

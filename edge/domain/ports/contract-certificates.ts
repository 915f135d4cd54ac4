/** What identifies a certificate to whoever answers for it. @see OCPP 2.0.1 OCSPRequestDataType */
export interface CertificateToCheck {
  readonly algorithm: 'SHA256' | 'SHA384' | 'SHA512'
  readonly issuerNameHash: string
  readonly issuerKeyHash: string
  readonly serialNumber: string
  /** As the station gives it; only the service may follow it, never the edge. */
  readonly responderUrl: string
}

/** @see OCPP 2.0.1 AuthorizeCertificateStatusEnumType */
export type ContractStatus =
  | 'Accepted'
  | 'SignatureError'
  | 'CertificateExpired'
  | 'CertificateRevoked'
  | 'NoCertificateAvailable'
  | 'CertChainError'
  | 'ContractCancelled'

/** Why there is no answer: nothing may be concluded about the certificate. */
export interface NoAnswer {
  readonly failed: 'timeout' | 'unreachable' | 'refused' | 'bad-answer'
}

/** A contract as a vehicle shows it: the whole chain, hashes of its certificates, or both. */
export interface ContractToCheck {
  readonly idToken: string
  /** PEM, as the station sends it; null where it sends none. */
  readonly chain: string | null
  readonly certificates: readonly CertificateToCheck[]
}

/**
 * Whoever issues and answers for contract certificates of vehicles, outside of the depot. Each method ends within the
 * limit that it was made with, and never throws: no answer is a value. @see ISO 15118, OCPP 2.0.1 C07, M01, M02, M06
 */
export interface ContractCertificates {
  /** Passes the vehicle's own request on; both texts are base64 of EXI. */
  vehicleCertificate(request: {
    readonly action: 'Install' | 'Update'
    readonly schemaVersion: string
    readonly exiRequest: string
  }): Promise<{ readonly status: 'Accepted' | 'Failed'; readonly exiResponse: string } | NoAnswer>
  /** The OCSP response, base64 of DER. */
  certificateStatus(certificate: CertificateToCheck): Promise<{ readonly ocspResult: string } | NoAnswer>
  contractStatus(contract: ContractToCheck): Promise<{ readonly status: ContractStatus } | NoAnswer>
}

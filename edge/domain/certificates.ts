/** What a certificate in a station is trusted for, in the words of OCPP 2.0.1 (GetCertificateIdUseEnumType). */
export type CertificateUse =
  | 'CSMSRootCertificate'
  | 'ManufacturerRootCertificate'
  | 'V2GRootCertificate'
  | 'MORootCertificate'
  | 'V2GCertificateChain'

/** What identifies a certificate without showing it; hashes and serial are hex. @see OCPP CertificateHashDataType */
export interface CertificateHash {
  readonly algorithm: 'SHA256' | 'SHA384' | 'SHA512'
  readonly issuerNameHash: string
  readonly issuerKeyHash: string
  readonly serialNumber: string
}

import { describe, expect, test } from 'vitest'
import type { CertificateToCheck, ContractCertificates, ContractStatus } from './contract-certificates.ts'

export const CERTIFICATE: CertificateToCheck = {
  algorithm: 'SHA256',
  issuerNameHash: 'aa',
  issuerKeyHash: 'bb',
  serialNumber: '0f',
  responderUrl: 'http://ocsp.example/',
}
const CONTRACT = { idToken: 'DE-8AA-CA2B3C4D5-N', chain: null, certificates: [CERTIFICATE] }
const REQUEST = { action: 'Install', schemaVersion: 'urn:iso:15118:2:2013', exiRequest: 'gJg=' } as const

/** The service behind an implementation, as a test sets it up. */
export interface ServiceOf {
  readonly certificates: ContractCertificates
  /** What it says of every contract from now on; null: it answers nothing. */
  say(status: ContractStatus | null): void
  stop(): Promise<void>
}

const behaviours: Readonly<Record<string, (of: ServiceOf) => Promise<void>>> = {
  'a request of a vehicle comes back with the answer to it': async ({ certificates, say }) => {
    say('Accepted')
    expect(await certificates.vehicleCertificate(REQUEST)).toEqual({
      status: 'Accepted',
      exiResponse: 'answer to gJg=',
    })
  },
  'one that is not issued says so': async ({ certificates, say }) => {
    say('ContractCancelled')
    expect(await certificates.vehicleCertificate(REQUEST)).toMatchObject({ status: 'Failed' })
  },
  'the status of a certificate is the OCSP response': async ({ certificates, say }) => {
    say('Accepted')
    expect(await certificates.certificateStatus(CERTIFICATE)).toEqual({ ocspResult: 'ocsp of 0f' })
  },
  'a contract has the status that its issuer gives it': async ({ certificates, say }) => {
    for (const status of ['Accepted', 'CertificateRevoked', 'ContractCancelled'] as const) {
      say(status)
      expect(await certificates.contractStatus(CONTRACT)).toEqual({ status })
    }
  },
  'a service that says nothing is no answer, and nothing is thrown': async ({ certificates, say }) => {
    say(null)
    expect(await certificates.contractStatus(CONTRACT)).toHaveProperty('failed')
    expect(await certificates.certificateStatus(CERTIFICATE)).toHaveProperty('failed')
    expect(await certificates.vehicleCertificate(REQUEST)).toHaveProperty('failed')
  },
}

/** What every implementation of the port does. */
export const contractCertificatesContract = (name: string, make: () => Promise<ServiceOf>): void => {
  describe(`contract certificates of ${name}`, () => {
    for (const [sentence, behaviour] of Object.entries(behaviours))
      test(sentence, async () => {
        const of = await make()
        try {
          await behaviour(of)
        } finally {
          await of.stop()
        }
      })
  })
}

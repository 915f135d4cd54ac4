import type { ContractCertificates, ContractStatus } from './contract-certificates.ts'

/** A service in memory that says what it is told to of every contract; null: it answers nothing. */
export function memoryContractCertificates(): ContractCertificates & {
  say(status: ContractStatus | null): void
} {
  let said: ContractStatus | null = null
  const none = { failed: 'unreachable' } as const
  return {
    say: (status) => {
      said = status
    },
    vehicleCertificate: async ({ exiRequest }) => {
      if (said === null) return none
      return said === 'Accepted'
        ? { status: 'Accepted', exiResponse: `answer to ${exiRequest}` }
        : { status: 'Failed', exiResponse: '' }
    },
    certificateStatus: async ({ serialNumber }) =>
      said === null ? none : { ocspResult: `ocsp of ${serialNumber}` },
    contractStatus: async () => (said === null ? none : { status: said }),
  }
}

import { contractCertificatesContract } from './contract-certificates.contract.ts'
import { memoryContractCertificates } from './contract-certificates.memory.ts'

contractCertificatesContract('the memory double', async () => {
  const certificates = memoryContractCertificates()
  return { certificates, say: certificates.say, stop: async () => undefined }
})

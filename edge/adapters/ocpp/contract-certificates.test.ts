import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryContractCertificates } from '../../domain/ports/contract-certificates.memory.ts'
import { type DepotDouble, startDepot, station } from './testing/depot-double.ts'
import { connect, type RawStation } from './testing/raw-station.ts'

const HASH = {
  hashAlgorithm: 'SHA256',
  issuerNameHash: 'aa',
  issuerKeyHash: 'bb',
  serialNumber: '0f',
  responderURL: 'http://169.254.169.254/ocsp',
}
const EV = { iso15118SchemaVersion: 'urn:iso:15118:2:2013', action: 'Install', exiRequest: 'gJg=' }
const TOKEN = { idToken: 'DE-8AA-CA2B3C4D5-N', type: 'eMAID' }

let depot: DepotDouble
let client: RawStation
afterEach(() => depot.csms.stop())
async function meet(
  contracts: ReturnType<typeof memoryContractCertificates> | null,
  protocol = 'ocpp2.0.1',
): Promise<void> {
  depot = await startDepot({ clock: new FakeClock(), stations: [station('CP1')], contracts })
  client = await connect(`${depot.url}/CP1`, { protocols: [protocol] })
}
const say = async (action: string, payload: object) => (await client.call(action, payload))[2]

describe('with a service for contract certificates', () => {
  const service = memoryContractCertificates()

  test('TC_M_26 TC_M_28: a vehicle gets a certificate, or a new one, from the service', async () => {
    await meet(service)
    service.say('Accepted')
    for (const action of ['Install', 'Update'])
      expect(await say('Get15118EVCertificate', { ...EV, action })).toEqual({
        status: 'Accepted',
        exiResponse: 'answer to gJg=',
      })
  })

  test('TC_M_24: the status of a certificate comes from the service, which alone follows the address in it', async () => {
    await meet(service)
    service.say('Accepted')
    expect(await say('GetCertificateStatus', { ocspRequestData: HASH })).toEqual({
      status: 'Accepted',
      ocspResult: 'ocsp of 0f',
    })
  })

  test.each([
    [
      'TC_C_50: by the hashes of a chain that the station has checked',
      { iso15118CertificateHashData: [HASH] },
    ],
    [
      'TC_C_52: by the chain itself, which the service checks',
      { certificate: '-----BEGIN CERTIFICATE-----' },
    ],
  ])('%s, a contract that holds is a token like any other', async (_case, contract) => {
    await meet(service)
    service.say('Accepted')
    expect(await say('Authorize', { idToken: TOKEN, ...contract })).toEqual({
      idTokenInfo: { status: 'Accepted' },
      certificateStatus: 'Accepted',
    })
    expect(depot.of('authorize')).toMatchObject([{ idToken: TOKEN.idToken }])
  })

  test('TC_C_51: a contract that does not hold is not accepted, and nothing is reserved for it', async () => {
    await meet(service)
    for (const status of ['CertificateRevoked', 'ContractCancelled', 'CertificateExpired'] as const) {
      service.say(status)
      const answer = await say('Authorize', { idToken: TOKEN, iso15118CertificateHashData: [HASH] })
      expect(answer).toEqual({ idTokenInfo: { status: 'Invalid' }, certificateStatus: status })
    }
    expect(depot.of('authorize')).toEqual([])
  })

  test('one that gives no answer is a refusal that says so, and so is a request that is not whole', async () => {
    await meet(service)
    service.say(null)
    expect(await say('Get15118EVCertificate', EV)).toMatchObject({
      status: 'Failed',
      statusInfo: { reasonCode: 'ServiceFailed' },
    })
    expect(await say('Authorize', { idToken: TOKEN, iso15118CertificateHashData: [HASH] })).toMatchObject({
      idTokenInfo: { status: 'Invalid' },
    })
    expect(await say('GetCertificateStatus', { ocspRequestData: {} })).toMatchObject({
      status: 'Failed',
      statusInfo: { reasonCode: 'MissingParam' },
    })
  })
})

test('without a service every question about contract certificates is refused with that reason', async () => {
  await meet(null)
  const refused = { status: 'Failed', statusInfo: { reasonCode: 'NoService' } }
  expect(await say('Get15118EVCertificate', EV)).toMatchObject(refused)
  expect(await say('GetCertificateStatus', { ocspRequestData: HASH })).toMatchObject(refused)
  expect(await say('Authorize', { idToken: TOKEN, iso15118CertificateHashData: [HASH] })).toEqual({
    idTokenInfo: { status: 'Invalid' },
    certificateStatus: 'NoCertificateAvailable',
  })
})

describe('S24 a data transfer', () => {
  const transfer = (vendorId: string, messageId: string | null, data: unknown) =>
    say('DataTransfer', { vendorId, ...(messageId === null ? {} : { messageId }), data })

  test.each(['ocpp1.6', 'ocpp2.0.1'])(
    'S24 of a vendor that nobody knows is told so in %s, however much it brings',
    async (protocol) => {
      await meet(null, protocol)
      const unknown = { status: 'UnknownVendorId' }
      expect(await transfer('com.example', 'x', 'x'.repeat(900_000))).toEqual(unknown)
      expect(await transfer('constructor', null, { deep: true })).toEqual(unknown)
      expect(depot.inputs.map(({ type }) => type)).toEqual(['station-connected'])
    },
  )

  test('S24 of a known vendor is looked into up to 16,384 characters, and only where it is JSON', async () => {
    const service = memoryContractCertificates()
    service.say('Accepted')
    await meet(service, 'ocpp1.6')
    const vendor = 'org.openchargealliance.iso15118pnc'
    const question = { idToken: TOKEN, iso15118CertificateHashData: [HASH] }
    for (const data of ['x', 7, null, `{"a":"${'x'.repeat(20_000)}"}`])
      expect(await transfer(vendor, 'Authorize', data)).toEqual({ status: 'Rejected' })
    expect(await transfer(vendor, 'Teleport', '{}')).toEqual({ status: 'UnknownMessageId' })
    for (const name of [vendor, 'iso15118']) {
      const answer = (await transfer(name, 'Authorize', JSON.stringify(question))) as { data: string }
      expect(answer).toMatchObject({ status: 'Accepted' })
      expect(JSON.parse(answer.data)).toEqual({
        idTokenInfo: { status: 'Accepted' },
        certificateStatus: 'Accepted',
      })
    }
  })
})

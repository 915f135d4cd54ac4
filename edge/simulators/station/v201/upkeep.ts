import { z } from 'zod'
import { answered, type CallAnswer, type Handler, on, type StationParts, status } from '../inbound.ts'
import type { Payload } from '../uplink.ts'

const Token = z.object({ idToken: z.string().max(36), type: z.string() })
const Entry = z.object({
  idToken: Token,
  idTokenInfo: z
    .object({
      status: z.string(),
      cacheExpiryDateTime: z.string().optional(),
      groupIdToken: Token.optional(),
    })
    .optional(),
})
type Entry = z.infer<typeof Entry>

/** A service answers in the words of 1.6; `read` puts what it says into those of 2.0.1. */
function ask(
  station: StationParts,
  [action, payload]: [string, Payload],
  read = (told: Payload) => told,
): CallAnswer {
  const answer = station.services.answer(action, payload)
  if (answer === null) return { error: 'NotImplemented', description: `${action} is not known here` }
  return 'error' in answer ? answer : answered(read(answer.payload), answer.then)
}

/** The services of a station by the requests of OCPP 2.0.1. */
export const UPKEEP_HANDLERS: Readonly<Record<string, Handler>> = {
  GetLocalListVersion: on(z.object({}), (station) =>
    ask(station, ['GetLocalListVersion', {}], ({ listVersion }) => ({ versionNumber: listVersion })),
  ),
  SendLocalList: on(
    z.object({
      versionNumber: z.int(),
      updateType: z.enum(['Full', 'Differential']),
      localAuthorizationList: z.array(Entry).min(1).optional(),
    }),
    (station, { versionNumber, updateType, localAuthorizationList = [] }) => {
      const list = localAuthorizationList.map(entry16)
      const update = { listVersion: versionNumber, updateType, localAuthorizationList: list }
      return ask(station, ['SendLocalList', update])
    },
  ),
  ReserveNow: on(
    z.object({
      id: z.int(),
      expiryDateTime: z.string(),
      idToken: Token,
      evseId: z.int().optional(),
      groupIdToken: Token.optional(),
    }),
    (station, { id, expiryDateTime, idToken, evseId = 0, groupIdToken }) => {
      const parent = groupIdToken === undefined ? {} : { parentIdTag: groupIdToken.idToken }
      const place = { connectorId: evseId, reservationId: id, expiryDate: expiryDateTime }
      return ask(station, ['ReserveNow', { ...place, idTag: idToken.idToken, ...parent }])
    },
  ),
  CancelReservation: on(z.object({ reservationId: z.int() }), (station, request) =>
    ask(station, ['CancelReservation', request]),
  ),
  UpdateFirmware: on(
    z.object({
      requestId: z.int(),
      firmware: z.object({ signingCertificate: z.string().optional() }).loose(),
    }),
    (station, request) =>
      request.firmware.signingCertificate === undefined
        ? status('InvalidCertificate')
        : ask(station, ['SignedUpdateFirmware', request]),
  ),
  GetLog: on(z.object({ requestId: z.int() }).loose(), (station, request) =>
    ask(station, ['GetLog', request]),
  ),
  InstallCertificate: on(
    z.object({ certificateType: z.string(), certificate: z.string() }),
    (station, { certificateType, certificate }) => {
      const use = USES.get(certificateType)
      if (use === undefined) return status('Rejected')
      return ask(station, ['InstallCertificate', { certificateType: use, certificate }])
    },
  ),
  DeleteCertificate: on(z.object({ certificateHashData: z.object({}).loose() }), (station, request) =>
    ask(station, ['DeleteCertificate', request]),
  ),
  GetInstalledCertificateIds: on(
    z.object({ certificateType: z.array(z.string()).optional() }),
    (station, { certificateType }) => installed(station, certificateType ?? [...USES.keys()]),
  ),
  CertificateSigned: on(z.object({ certificateChain: z.string() }).loose(), (station, { certificateChain }) =>
    ask(station, ['CertificateSigned', { certificateChain }]),
  ),
}

/** The uses that a station of 1.6 knows too. */
const USES: ReadonlyMap<string, string> = new Map([
  ['CSMSRootCertificate', 'CentralSystemRootCertificate'],
  ['ManufacturerRootCertificate', 'ManufacturerRootCertificate'],
])
const Found = z.object({ certificateHashData: z.array(z.object({}).loose()) })

function installed(station: StationParts, uses: readonly string[]): CallAnswer {
  const certificateHashDataChain = uses.flatMap((certificateType) => {
    const answer = station.services.answer('GetInstalledCertificateIds', {
      certificateType: USES.get(certificateType) ?? '',
    })
    const found = answer !== null && 'payload' in answer ? Found.safeParse(answer.payload) : undefined
    const hashes = found?.success ? found.data.certificateHashData : []
    return hashes.map((certificateHashData) => ({ certificateType, certificateHashData }))
  })
  return certificateHashDataChain.length === 0
    ? status('NotFound')
    : answered({ status: 'Accepted', certificateHashDataChain })
}

/** Words that 1.6 has for a token; all others are a no. */
const WORDS16 = new Set(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx'])

function entry16({ idToken, idTokenInfo }: Entry): Payload {
  if (idTokenInfo === undefined) return { idTag: idToken.idToken }
  const { status: word, cacheExpiryDateTime, groupIdToken } = idTokenInfo
  return {
    idTag: idToken.idToken,
    idTagInfo: {
      status: WORDS16.has(word) ? word : 'Invalid',
      ...(cacheExpiryDateTime === undefined ? {} : { expiryDate: cacheExpiryDateTime }),
      ...(groupIdToken === undefined ? {} : { parentIdTag: groupIdToken.idToken }),
    },
  }
}

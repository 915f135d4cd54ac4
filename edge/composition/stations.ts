import { messageOf } from '@busbar/model/depot-error.ts'
import { as, evseKey, type StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { httpContractCertificates } from '../adapters/contract-certificates/http-contract-certificates.ts'
import type { DepotFiles } from '../adapters/files/station-files.ts'
import type { Health } from '../adapters/host/health.ts'
import { type Csms, createCsms, type KnownStation, type TransportEvent } from '../adapters/ocpp/csms.ts'
import { FrameLog } from '../adapters/ocpp/message-log.ts'
import { securityProfileOf } from '../config/check-security.ts'
import type { CertificateDesk } from '../control/certificates/certificate-desk.ts'
import type { Control } from '../control/control.ts'
import { transactionName } from '../control/transaction-name.ts'
import { stationRecords } from '../domain/charging/station.ts'
import type { ContractCertificates } from '../domain/ports/contract-certificates.ts'
import type { MessageLog } from '../domain/ports/message-log.ts'
import type { RequestEffects, StationCommands } from '../domain/ports/station-commands.ts'
import type { StationDoor } from '../domain/ports/station-door.ts'
import type { StationProfiles } from '../profiles/station-profiles.ts'
import { doorIdentity, namesOf, startAuthority, startDesk } from './authority.ts'
import { startFiles } from './files.ts'
import { noticeOf } from './notices.ts'
import type { Parts } from './parts.ts'
import { Roster } from './roster.ts'
import { duplicateIdentity, refusedStation, restartNeeded } from './warnings.ts'

/** Refusals that are no mere guess: of a known station, by what it showed. */
const TELLING = /^(certificate|security-profile)/

export async function makeCsms({
  loaded,
  clock,
  log,
  control,
  profiles,
  health,
  scale,
  store,
  undo,
}: Parts & {
  profiles: StationProfiles
  health: Health
  scale: number
  store: { readonly messages: MessageLog }
  /** Takes what ends the certificate authority and its desk. */
  undo: (() => Promise<void> | void)[]
}): Promise<{ csms: Csms; certificates: CertificateDesk | null; files: DepotFiles | null; roster: Roster }> {
  const roster = new Roster(await stationsOf(loaded), {
    control,
    secure: loaded.config.ocpp.tls !== undefined,
  })
  const { stations } = roster
  const { tls } = loaded.config.ocpp
  const authority = await startAuthority({ loaded, clock })
  undo.push(() => authority?.stop())
  const files = await startFiles({ loaded, clock, log, control, authority, roster })
  undo.push(() => files?.stop())
  const csms = createCsms({
    listen: loaded.config.ocpp.listen,
    secure:
      tls && authority ? { listen: tls.listen, identity: await doorIdentity(authority, tls.names) } : null,
    stations,
    clock,
    submit: control.submit,
    hasBooted: (station) =>
      (control.depot.memory.table(stationRecords).get(station)?.vendor ?? null) !== null,
    runningAt: (station, evse) => control.depot.transactionAt(evseKey(station, evse))?.transaction ?? null,
    transactionName: (transaction) => transactionName(control.depot, transaction),
    profiles,
    lastHeard: lastHeardBy(control),
    timeZone: loaded.config.depot.time_zone,
    contracts: await contractsOf(loaded, clock),
    log,
    scale,
    onEvent: (event) => noteEvent(event, { control, log, health, known: stations }),
    onAway: (station, awayS) =>
      awayS === null
        ? health.clear(restartNeeded(station, 0).code)
        : health.raise(restartNeeded(station, awayS)),
  })
  roster.serve(csms)
  control.depot.roster = roster
  const frames = new FrameLog(clock, store.messages, (station) => csms.secretKeysOf(station))
  csms.onFrame((frame) => frames.passed(frame))
  const desk = await startDesk({ loaded, control, authority, csms, files, roster })
  undo.push(() => desk?.stop())
  return { csms, certificates: desk, files, roster }
}

async function contractsOf(
  loaded: Parts['loaded'],
  clock: Parts['clock'],
): Promise<ContractCertificates | null> {
  const service = loaded.config.contract_certificates
  if (service === undefined) return null
  const secret = service.secret === undefined ? null : (await loaded.secret(service.secret)).text
  return httpContractCertificates({ url: service.url, secret, limit: seconds(service.limit_s) }, clock)
}

/** The stations of the configuration, their secrets as hashes. */
const stationsOf = (loaded: Parts['loaded']): Promise<KnownStation[]> =>
  Promise.all(
    loaded.config.stations.map(async (station): Promise<KnownStation> => {
      const { id, secret, upgrading_from: upgradingFrom = null } = station
      return {
        id: as<StationId>(id),
        secretSha256: secret === undefined ? null : (await loaded.secret(secret)).sha256,
        securityProfile: securityProfileOf(station),
        upgradingFrom,
        certificateNames: namesOf(station),
        profile: station.profile ?? null,
        registration: station.registration ?? 'Accepted',
      }
    }),
  )

/** What the transport notices is logged, kept as a fact, and warned of where it tells of an attack. */
function noteEvent(
  event: TransportEvent,
  {
    control,
    log,
    health,
    known,
  }: Pick<Parts, 'control' | 'log'> & { health: Health; known: Roster['stations'] },
): void {
  log.warn({ 'event.name': `ocpp.${event.kind}`, ...event }, `OCPP: ${event.kind}`)
  const { durable } = control.submit(noticeOf(event, known))
  durable.catch((error: unknown) =>
    log.error({ reason: messageOf(error), event: event.kind }, 'a security event was not stored'),
  )
  if (event.kind === 'identity.duplicate') health.raise(duplicateIdentity(event))
  if (event.kind === 'refused' && event.identity !== null && TELLING.test(event.reason))
    health.raise(refusedStation({ ...event, identity: event.identity }))
}

/** What a station said of itself when last it booted. */
const lastHeardBy = (control: Control) => (station: string) => {
  const record = control.depot.memory.table(stationRecords).get(station)
  return record === undefined
    ? null
    : { vendor: record.vendor ?? '', model: record.model ?? '', firmware: record.firmware }
}

type Line = StationCommands & RequestEffects & StationDoor

/** Commands that wait for nothing: until the line is connected, no station is. */
export function lateLine(): Line & { connect(commands: Line): void } {
  let line: Line | null = null
  return {
    connect: (commands) => {
      line = commands
    },
    send: (station, command, options) =>
      line === null
        ? Promise.resolve({ status: 'not-sent', reason: 'offline' })
        : line.send(station, command, options),
    effectOf: (station, request) => line?.effectOf(station, request) ?? { kind: 'offline' },
    refusalOf: (station, command) => line?.refusalOf(station, command) ?? null,
    shut: (station, time) => line?.shut(station, time),
    pings: (station) => line?.pings(station) ?? null,
  }
}

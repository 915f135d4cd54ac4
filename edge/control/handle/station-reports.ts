import type { Fact } from '../../domain/facts.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'

/** Longest request for a certificate that is looked at; OCPP 2.0.1 allows 5,500 characters. */
const LONGEST_CSR = 5500
const CSR =
  /^-----BEGIN (NEW )?CERTIFICATE REQUEST-----\s[A-Za-z0-9+/=\s]+-----END (NEW )?CERTIFICATE REQUEST-----$/

/** What stations report of themselves beside charging: kept as it is told, and nothing follows from it here. */
const stored = (depot: Depot, fact: Fact) => ({
  outcome: undefined,
  durable: depot.recorder.record([fact]),
})

export const firmwareStatus = (
  depot: Depot,
  { type: _, ...data }: InputOf<'firmware-status'>,
): Submitted<'firmware-status'> =>
  stored(depot, depot.recorder.fact('FirmwareStatusReported', { type: 'station', id: data.station }, data))

export const logStatus = (
  depot: Depot,
  { type: _, ...data }: InputOf<'log-status'>,
): Submitted<'log-status'> =>
  stored(depot, depot.recorder.fact('LogStatusReported', { type: 'station', id: data.station }, data))

export const stationReport = (
  depot: Depot,
  { type: _, ...data }: InputOf<'station-report'>,
): Submitted<'station-report'> =>
  stored(depot, depot.recorder.fact('StationReported', { type: 'station', id: data.station }, data))

export const securityEvent = (
  depot: Depot,
  { station, event, info, time, flag }: InputOf<'security-event'>,
): Submitted<'security-event'> => {
  const data = { station, event, info, since: time.at, flag }
  return stored(depot, depot.recorder.fact('SecurityEventReported', { type: 'station', id: station }, data))
}

/** A readable request is accepted and, once it is kept, handed to whoever signs for this depot. */
export function certificateRequested(
  depot: Depot,
  { station, csr, use }: InputOf<'certificate-requested'>,
): Submitted<'certificate-requested'> {
  const reason =
    csr.length > LONGEST_CSR
      ? `longer than ${LONGEST_CSR} characters`
      : CSR.test(csr.trim())
        ? null
        : 'no certificate request in PEM'
  const answer = reason === null ? ('Accepted' as const) : ('Rejected' as const)
  const data = { station, csr: csr.slice(0, LONGEST_CSR), use, answer, reason }
  const fact = depot.recorder.fact('CertificateRequested', { type: 'station', id: station }, data)
  const durable = depot.recorder.record([fact])
  const ours = answer === 'Accepted' && use === 'ChargingStationCertificate'
  if (ours) durable.then(() => depot.certificateWanted?.(station, csr)).catch(() => undefined)
  return { outcome: { status: answer }, durable }
}

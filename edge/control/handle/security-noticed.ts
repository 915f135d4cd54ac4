import type { Subject } from '../../domain/facts.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'

const WORDS: Readonly<Record<InputOf<'security-noticed'>['notice'], string>> = {
  'access-refused': 'A connection was refused',
  'access-guessed': 'Somebody goes on trying secrets',
  'access-enumerated': 'Somebody tries one station name after the other',
  'identity-duplicate': 'A second device has the name and the secret of a station that is connected',
  'bad-messages': 'Messages that nobody can read keep coming',
  'foreign-transaction': 'A station spoke of a transaction that is not its own',
}

/** Keeps what was noticed, and lets it stand for the incident rules. */
export function securityNoticed(
  depot: Depot,
  { notice, station, reason, remoteAddress, count }: Omit<InputOf<'security-noticed'>, 'type'>,
): Submitted<'security-noticed'> {
  const from = remoteAddress === null ? '' : ` from ${remoteAddress}`
  const text = `${WORDS[notice]}${station === null ? '' : ` (${station})`}${from}: ${reason}`
  if (!depot.intrusions.note({ notice, station, text }, depot.monotonic))
    return { outcome: undefined, durable: Promise.resolve() }
  const about: Subject =
    station === null ? { type: 'site', id: 'station-network' } : { type: 'station', id: station }
  const data = { event: notice, station, reason, remote_address: remoteAddress, count }
  const fact = depot.recorder.fact('SecurityEventNoticed', about, data)
  return { outcome: undefined, durable: depot.recorder.record([fact]) }
}

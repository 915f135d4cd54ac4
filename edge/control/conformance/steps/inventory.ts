import { as, type IdToken } from '@busbar/model/ids.ts'
import { later, minutes, seconds } from '@busbar/units/time.ts'
import type { StationAnswer, StationCommand, StationVariable } from '../../../domain/commands.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { comesBack, home } from './away.ts'
import type { Told } from './steps.ts'

const DEADLINE = seconds(20)
/** Keys that tell most; each by itself does no harm on any station known. */
const KEYS = ['MeterValuesSampledData', 'MeterValueSampleInterval', 'HeartbeatInterval']
/** No token that anybody has. */
const NOBODY = as<IdToken>('BUSBAR-CONFORM')
const RESERVATION = 2_000_000_001
/** With these words a station that knows reservations says that just now there is no place for one. */
const KNOWS_RESERVATIONS = /^(Occupied|Faulted|Unavailable)$/i

const send = (depot: Depot, run: Run, command: StationCommand): Promise<StationAnswer> =>
  depot.deps.commands.send(run.evse.station, command, { priority: 'operator', deadline: DEADLINE })

/** What it says of itself and what it supports beside charging. */
export async function inventory(depot: Depot, run: Run): Promise<Told> {
  const found = [
    await settings(depot, run),
    await secretInClear(depot, run),
    await localList(depot, run),
    await reservation(depot, run),
  ].filter((text) => text !== null)
  run.measured({ soc: depot.observation(run.evse.key).socPct !== null })
  const odd = ['config.read-only-these', 'config.secret-keys'].some((key) => run.quirks.has(key))
  return { result: odd ? 'deviates' : 'passed', text: found.join('; ') }
}

/** Named keys first: some stations restart when they are asked for all. */
async function settings(depot: Depot, run: Run): Promise<string> {
  const named = await send(depot, run, { kind: 'get-variables', names: KEYS })
  const all = await send(depot, run, { kind: 'get-variables', names: 'all' })
  const told = (answer: StationAnswer) => (answer.status === 'accepted' ? (answer.variables ?? []) : null)
  const variables = [...(told(all) ?? []), ...(told(named) ?? [])]
  measurands(run, variables)
  const restarted = await goesAway(depot, run)
  if (told(named) === null) return `it tells none of its settings: ${named.status}`
  if (told(all) !== null && !restarted) return 'it tells all of its settings'
  const what = restarted ? 'restarted' : 'gave no answer'
  const known = variables.map(({ name }) => name).filter((name) => KEYS.includes(name))
  run.saw(
    'config.read-only-these',
    restarted ? KEYS : known,
    `asked for all of its settings at once it ${what}`,
  )
  return `asked for all of its settings at once it ${what}`
}

const RESTARTS = seconds(20)

/** Whether it goes away after what it was asked; then it is waited for. */
async function goesAway(depot: Depot, run: Run): Promise<boolean> {
  run.away = true
  run.mayEnd = true
  const { station } = run.evse
  const connection = depot.links.get(station)?.connection
  const gone = await run.until(() => depot.links.get(station)?.connection !== connection, RESTARTS)
  if (gone) await comesBack(depot, run)
  if (gone) await home(depot, run)
  run.away = false
  run.mayEnd = depot.transactionAt(run.evse.key) === undefined
  return gone
}

function measurands(run: Run, variables: readonly StationVariable[]): void {
  const list = variables.find(({ name }) =>
    /(MeterValuesSampledData|TxUpdatedMeasurands)$/i.test(name),
  )?.value
  if (list != null && list !== '')
    run.measured({ 'meter-quantities': list.split(',').map((each) => each.trim()) })
  const profile = Number(
    variables.find(({ name }) => /^(SecurityCtrlr\.)?SecurityProfile$/i.test(name))?.value,
  )
  if (Number.isInteger(profile)) run.measured({ 'security-profiles': [profile] })
}

/** Only whether it is there: the secret goes no further. */
async function secretInClear(depot: Depot, run: Run): Promise<string | null> {
  if (depot.links.get(run.evse.station)?.protocol !== 'ocpp1.6') return null
  const payload = { key: ['AuthorizationKey'] }
  const answer = await send(depot, run, { kind: 'raw', action: 'GetConfiguration', payload })
  const keys = answer.status === 'accepted' ? answer.response?.configurationKey : undefined
  const shows = (Array.isArray(keys) ? keys : []).some(
    (entry: unknown) =>
      typeof entry === 'object' &&
      entry !== null &&
      'value' in entry &&
      /[^*\s]/.test(String(entry.value ?? '')),
  )
  if (!shows) return null
  run.saw('config.secret-keys', ['AuthorizationKey'], 'it shows its own secret in clear')
  return 'it shows its own secret in clear'
}

async function localList(depot: Depot, run: Run): Promise<string | null> {
  const answer = await send(depot, run, { kind: 'get-local-list-version' })
  if (answer.status !== 'accepted' && answer.status !== 'rejected') return null
  const keeps = answer.status === 'accepted' && (answer.listVersion ?? -1) >= 0
  run.measured({ 'local-list': keeps })
  return keeps ? 'it keeps a local list' : 'it keeps no local list'
}

async function reservation(depot: Depot, run: Run): Promise<string | null> {
  const answer = await send(depot, run, {
    kind: 'reserve-now',
    reservation: RESERVATION,
    evse: run.evse.evse,
    idToken: NOBODY,
    group: null,
    expiresAt: later(depot.now, minutes(2)),
  })
  if (answer.status === 'accepted')
    await send(depot, run, { kind: 'cancel-reservation', reservation: RESERVATION })
  if (answer.status !== 'accepted' && answer.status !== 'rejected') return null
  const knows = answer.status === 'accepted' || KNOWS_RESERVATIONS.test(answer.reason)
  run.measured({ reservation: knows })
  return knows ? 'it takes reservations' : 'it takes no reservations'
}

import { later, milliseconds, seconds } from '@busbar/units/time.ts'
import type { ChargingProfile, ChargingProfilePurpose } from '../../../domain/charging-profile.ts'
import type { StationAnswer } from '../../../domain/commands.ts'
import { activePhases, type Level, levelOf } from '../../../domain/load-balancing/rows.ts'
import type { Depot } from '../../depot.ts'
import { doubtsOf, reconciledFacts } from '../../raw/doubts.ts'
import { doubted } from '../room.ts'
import type { Run } from '../run.ts'
import { setLevel } from '../set-level.ts'
import { look, near } from '../sight.ts'
import { setPoints } from './levels.ts'
import type { Told } from './steps.ts'

/** One way of saying a limit; what is not named is as the balancer says it. */
interface Variant {
  readonly name: string
  readonly purpose?: ChargingProfilePurpose
  readonly kind?: 'Relative'
  readonly unit?: 'W'
  readonly stackLevel?: number
  readonly anyTransaction?: true
  /** What a profile has to say where only this works. */
  readonly quirk: readonly [key: string, value: unknown]
}

const OWN_STACK_LEVEL = 1
const HEAD_START = milliseconds(-60_000)
/** Numbers of profiles that no EVSE's own have. */
const FIRST_ID = 900_000
const DEADLINE = seconds(15)
/** Power is shared by the voltage of the moment. */
const POWER_BAND = 1.12

const VARIANTS: readonly Variant[] = [
  { name: 'relative', kind: 'Relative', quirk: ['profile.kind', 'Relative'] },
  { name: 'in watts', unit: 'W', quirk: ['profile.unit', 'W'] },
  { name: 'at stack level 0', stackLevel: 0, quirk: ['profile.stack-level', 0] },
  { name: 'at stack level 2', stackLevel: 2, quirk: ['profile.stack-level', 2] },
  { name: 'without a transaction', anyTransaction: true, quirk: ['profile.transaction-id', 'omit'] },
  {
    name: 'as a TxDefaultProfile',
    purpose: 'TxDefaultProfile',
    quirk: ['profile.purposes', ['TxDefaultProfile']],
  },
  {
    name: 'as a ChargingStationMaxProfile',
    purpose: 'ChargingStationMaxProfile',
    quirk: ['profile.purposes', ['ChargePointMaxProfile']],
  },
]

/** Tried only where nothing else is followed. */
const HIGHER: readonly Variant[] = [3, 4, 5, 6, 7, 8].map((stackLevel) => ({
  name: `at stack level ${stackLevel}`,
  stackLevel,
  quirk: ['profile.stack-level', stackLevel],
}))

type Outcome = 'obeyed' | 'double' | 'accepted and not obeyed' | 'refused' | 'unanswered'

/** Limits said in other ways. Where the usual way does not work, the first that does is what its profile has to say. */
export async function variants(depot: Depot, run: Run): Promise<Told> {
  const outcomes: [Variant, Outcome][] = []
  const usable = VARIANTS.filter(({ unit }) => unit === undefined || run.evse.current === 'ac')
  const tryAll = async (some: readonly Variant[]) => {
    for (const variant of some)
      outcomes.push([variant, await tryVariant(depot, run, { variant, nth: outcomes.length })])
  }
  await tryAll(usable)
  if (!run.obeys && !outcomes.some(([, outcome]) => outcome === 'obeyed')) await tryAll(HIGHER)
  await setLevel(depot, run, { level: setPoints(depot, run).mid })
  const worked = outcomes.filter(([, outcome]) => outcome === 'obeyed').map(([variant]) => variant)
  purposes(run, outcomes)
  if (!run.obeys) only(run, worked)
  const text = outcomes.map(([{ name }, outcome]) => `${name}: ${outcome}`).join('; ')
  return { result: run.obeys || worked.length === 0 ? 'passed' : 'deviates', text }
}

/** Where the usual way works, the purposes that do beside it. */
function purposes(run: Run, outcomes: readonly (readonly [Variant, Outcome])[]): void {
  const taken = outcomes.flatMap(([{ purpose }, outcome]) =>
    purpose === undefined || (outcome !== 'obeyed' && outcome !== 'double') ? [] : [purpose],
  )
  if (!run.obeys || taken.length === 2) return
  run.saw(
    'profile.purposes',
    [...taken.map(in16), 'TxProfile'],
    'limits of other purposes it refused or did not follow',
  )
}

/** Profiles name purposes in the words of OCPP 1.6. */
const in16 = (purpose: ChargingProfilePurpose): string =>
  purpose === 'ChargingStationMaxProfile' ? 'ChargePointMaxProfile' : purpose

function only(run: Run, worked: readonly Variant[]): void {
  const [first] = worked
  if (first === undefined) {
    run.measured({ 'smart-charging': 'none', 'proven-to-obey': false })
    return
  }
  const [key, value] = first.quirk
  run.saw(key, value, `the usual way it refused or did not follow; ${first.name} it followed`)
}

async function tryVariant(
  depot: Depot,
  run: Run,
  { variant, nth }: { variant: Variant; nth: number },
): Promise<Outcome> {
  const id = FIRST_ID + run.evse.evse * 100 + nth
  const command = `${run.of.id}/${id}`
  await doubted(depot, run, { command, profile: id })
  const own = { kind: 'clear-limits', evse: run.evse.evse, purpose: 'transaction' } as const
  await send(depot, run, own)
  const profile = profileOf(depot, run, { variant, id })
  const evse = variant.purpose === 'ChargingStationMaxProfile' ? 0 : run.evse.evse
  // Beside a station's maximum its own limit is the rating, or nothing would show.
  if (variant.purpose === 'ChargingStationMaxProfile')
    await setLevel(depot, run, { level: levelOf(run.evse.rating) })
  const answer = await send(depot, run, { kind: 'set-charging-profile', evse, profile })
  const outcome = await outcomeOf(depot, run, { answer, variant })
  const matching = { id, evse: null, purpose: null, stackLevel: null }
  const cleared = await send(depot, run, { kind: 'clear-charging-profile', matching })
  if (cleared.status === 'accepted' || answer.status === 'rejected')
    depot.recorder.note(
      reconciledFacts(
        depot,
        doubtsOf(depot, run.evse.station).filter((each) => each.doubt.command === command),
      ),
    )
  if (variant.purpose === 'TxDefaultProfile') await restoreDefault(depot, run)
  return outcome
}

/** A default of the same stack level has taken the place of the station's own. */
async function restoreDefault(depot: Depot, run: Run): Promise<void> {
  const { evse, fallback } = run.evse
  await send(depot, run, { kind: 'set-default-limit', evse, limit: fallback })
}

async function outcomeOf(
  depot: Depot,
  run: Run,
  { answer, variant }: { answer: StationAnswer; variant: Variant },
): Promise<Outcome> {
  if (answer.status === 'rejected') return 'refused'
  if (answer.status !== 'accepted') return 'unanswered'
  const level = testLevel(depot, run, variant)
  const { level: drawn } = await look(depot, run, { level, since: depot.monotonic, atMost: seconds(30) })
  if (drawn === null) return 'unanswered'
  if (variant.purpose === 'ChargingStationMaxProfile' && near(drawn, 2 * level)) {
    run.saw('profile.max-is-per-connector', true, "it takes the station's maximum for that of each connector")
    return 'double'
  }
  const wide = variant.unit === 'W' && drawn <= level * POWER_BAND && drawn >= level / POWER_BAND
  return near(drawn, level) || wide ? 'obeyed' : 'accepted and not obeyed'
}

/** The station's maximum is so low that twice as much shows. */
const testLevel = (depot: Depot, run: Run, { purpose }: Variant): Level =>
  purpose === 'ChargingStationMaxProfile'
    ? Math.floor((run.top * 0.4) / 1000) * 1000
    : setPoints(depot, run).mid

function profileOf(
  depot: Depot,
  run: Run,
  { variant, id }: { variant: Variant; id: number },
): ChargingProfile {
  const { evse } = run
  const level = testLevel(depot, run, variant)
  const amps = evse.current === 'ac' && variant.unit !== 'W'
  const phases = activePhases(evse, depot.observation(evse.key).usedPhases).length
  const powerW = evse.current === 'dc' ? level : (level / 1000) * phases * depot.setup.site.nominalV
  const purpose = variant.purpose ?? 'TxProfile'
  const named = purpose === 'TxProfile' && variant.anyTransaction !== true
  return {
    id,
    stackLevel: variant.stackLevel ?? (purpose === 'TxProfile' ? OWN_STACK_LEVEL : 0),
    purpose,
    kind: variant.kind ?? 'Absolute',
    recurs: null,
    validFrom: null,
    validTo: null,
    transaction: named ? (depot.transactionAt(evse.key)?.transaction ?? null) : null,
    schedule: {
      unit: amps ? 'A' : 'W',
      startsAt: variant.kind === 'Relative' ? null : later(depot.now, HEAD_START),
      durationS: null,
      minimum: null,
      periods: [{ startS: 0, limit: amps ? level / 1000 : Math.floor(powerW), phases: null }],
    },
  }
}

const send = (
  depot: Depot,
  run: Run,
  command: Parameters<Depot['deps']['commands']['send']>[1],
): Promise<StationAnswer> =>
  depot.deps.commands.send(run.evse.station, command, { priority: 'operator', deadline: DEADLINE })

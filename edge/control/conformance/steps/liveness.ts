import { PHASES } from '@busbar/units/per-phase.ts'
import { seconds } from '@busbar/units/time.ts'
import type { EvseSample } from '../../../domain/inputs.ts'
import type { Depot } from '../../depot.ts'
import type { HeardSample, Run } from '../run.ts'
import { stampOffS } from './boot-clock.ts'
import type { Told } from './steps.ts'

/** At least one ping falls into this. */
const LOOKED_AT = seconds(40)
/** A clock this far off is wrong, s. */
const CLOCK_OFF_S = 60
const ZONED = /(?:z|[+-]\d\d:?\d\d)$/i
const QUARTER_MS = 15 * 60_000

/** Pings, stamps and values of some seconds in which nothing is asked of it. */
export async function liveness(depot: Depot, run: Run): Promise<Told> {
  await run.pass(LOOKED_AT)
  const odd = [
    pongs(depot, run),
    clock(run),
    register(depot, run),
    power(depot, run),
    await trigger(depot, run),
  ]
  const told = odd.filter((text) => text !== null)
  if (told.length > 0) return { result: 'deviates', text: told.join('; ') }
  return {
    result: 'passed',
    text: 'it answers pings, its clock is right and its values agree with each other',
  }
}

function pongs(depot: Depot, run: Run): string | null {
  const pings = depot.deps.door?.pings(run.evse.station)
  if (!pings || pings.sent === 0 || pings.answered > 0) return null
  const text = `it answered none of ${pings.sent} pings`
  run.saw('liveness.proof', 'any-frame', text)
  return text
}

function clock(run: Run): string | null {
  const last = run.heard.findLast(({ sample }) => sample.time.stated !== null)
  const stated = last?.sample.time.stated ?? null
  if (last === undefined || stated === null) return null
  if (!ZONED.test(stated.trim())) {
    const ahead =
      Math.round((Date.parse(`${stated.trim().replace(' ', 'T')}Z`) - last.at) / QUARTER_MS) * QUARTER_MS
    if (!Number.isFinite(ahead)) return `its times cannot be read: ${stated}`
    const text = 'its times have no zone'
    run.saw('clock.zone', zoneOf(ahead), text)
    return text
  }
  const offS = stampOffS(last)
  return offS !== null && Math.abs(offS) > CLOCK_OFF_S ? `its clock is off by ${Math.round(offS)} s` : null
}

function zoneOf(aheadMs: number): string {
  const total = Math.abs(aheadMs) / 60_000
  const two = (n: number) => String(n).padStart(2, '0')
  return `${aheadMs < 0 ? '-' : '+'}${two(Math.floor(total / 60))}:${two(total % 60)}`
}

/** More than any transaction of a vehicle that is still charging can have brought, Wh. */
const ODOMETER_WH = 500_000

/** Values below the start, or a start of 0 with small values, count the transaction; large ones make 0 a placeholder. */
function register(depot: Depot, run: Run): string | null {
  const start = depot.transactionAt(run.evse.key)?.meterStartWh
  const last = run.heard.findLast(({ sample }) => sample.registerWh !== undefined)?.sample.registerWh
  if (start === undefined || last === undefined || (start !== 0 && last >= start)) return null
  if (start === 0 && last > ODOMETER_WH) {
    const text = 'it gives 0 for the register at the start of a transaction, which has counted far more'
    run.saw('meter.baseline', 'ignore-zero', text)
    return text
  }
  const text = 'its register counts the transaction alone'
  run.saw('meter.register', 'transaction', text)
  return text
}

/** More than this part of the power that its currents mean, and this much, W. */
const POWER_OFF = 0.25
const POWER_OFF_W = 700

function power(depot: Depot, run: Run): string | null {
  if (run.evse.current !== 'ac') return null
  const off = run.heard.map((heard) => powerOff(depot, heard)).filter((each) => each !== null)
  if (off.length < 3 || !off.every((each) => each)) return null
  const text = 'the power that it tells is not what its currents mean'
  run.saw('meter.power', 'from-current', text)
  return text
}

function powerOff(depot: Depot, { sample }: HeardSample): boolean | null {
  const { powerW } = sample
  const expected = fromCurrents(sample, depot.setup.site.nominalV)
  if (powerW === undefined || expected === null) return null
  return Math.abs(powerW - expected) > Math.max(POWER_OFF_W, expected * POWER_OFF)
}

function fromCurrents({ currentA, voltageV }: EvseSample, nominalV: number): number | null {
  if (currentA === undefined) return null
  return PHASES.reduce((sum, phase) => sum + (currentA[phase] ?? 0) * (voltageV?.[phase] ?? nominalV), 0)
}

async function trigger(depot: Depot, run: Run): Promise<string | null> {
  const { station, evse } = run.evse
  const answer = await depot.deps.commands.send(
    station,
    { kind: 'trigger', message: 'MeterValues', evse },
    { priority: 'operator', deadline: seconds(20) },
  )
  if (answer.status !== 'rejected') return null
  const text = 'it does not send meter values when asked'
  run.saw('meter.no-trigger', true, text)
  return text
}

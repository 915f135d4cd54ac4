import { between, seconds } from '@busbar/units/time.ts'
import type { StartupStep } from '../domain/live-site.ts'
import { meterQuality } from '../domain/site/meter-trust.ts'
import type { Depot } from './depot.ts'

/** The start-up sequence: no limit rises before every step has passed. */
export function startupSteps(depot: Depot): readonly StartupStep[] {
  return [
    {
      step: 'store',
      name: 'Store',
      done: depot.recorder.unsaved === 0,
      reason: depot.recorder.unsaved === 0 ? 'Facts are stored' : 'The store does not take facts',
    },
    meterStep(depot),
    stationStep(depot),
  ]
}

/** A meter that stays silent keeps only the circuits it covers from rising. */
function meterStep(depot: Depot): StartupStep {
  const silent = [...depot.setup.site.meters.values()].filter((place) => {
    const trust = depot.meters.get(place.id)
    return trust === undefined || meterQuality(trust, depot.monotonic, place.poll) !== 'live'
  })
  const names = silent.map((meter) => meter.name).join(', ')
  if (silent.length === 0)
    return { step: 'meter', name: 'Meter', done: true, reason: 'Five good readings in a row' }
  const done = graceOver(depot)
  const reason = done ? `Goes on without ${names}` : `Waits for five good readings of ${names}`
  return { step: 'meter', name: 'Meter', done, reason }
}

const graceOver = (depot: Depot): boolean =>
  between(depot.startedAt, depot.monotonic) > seconds(depot.setup.policy.startupGraceS)

/** Every station has accepted its fallback, or is held as offline after a grace time. */
function stationStep(depot: Depot): StartupStep {
  const missing = depot.setup.stations.filter(
    (station) => !graceOver(depot) && depot.links.get(station)?.reconciled !== true,
  )
  const reason =
    missing.length === 0
      ? 'Every station is reconciled, or held as offline'
      : `Waits for ${count(missing.length, 'station')}`
  return { step: 'stations', name: 'Stations', done: missing.length === 0, reason }
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

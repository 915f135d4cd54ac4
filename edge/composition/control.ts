import type { Clock } from '@busbar/model/clock.ts'
import { as, type Epoch, type StationId, type VehicleId } from '@busbar/model/ids.ts'
import { percent, wattHours } from '@busbar/units/electricity.ts'
import { fromIso, minutes } from '@busbar/units/time.ts'
import type { Health } from '../adapters/host/health.ts'
import { soon, stopwatch } from '../adapters/host/host-clock.ts'
import { seededRandom } from '../adapters/host/random.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { pricesOf, tariffAt } from '../config/tariff.ts'
import { type Control, createControl } from '../control/control.ts'
import { DEFAULT_POLICY, type Policy } from '../control/depot.ts'
import type { ClockQuality } from '../domain/facts.ts'
import type { DecisionLog } from '../domain/ports/decision-log.ts'
import type { FactLog } from '../domain/ports/fact-log.ts'
import type { Planner } from '../domain/ports/planner.ts'
import type { RequestEffects, StationCommands } from '../domain/ports/station-commands.ts'
import type { StationDoor } from '../domain/ports/station-door.ts'
import { VERSION } from './parts.ts'

export function makeControl(of: {
  loaded: LoadedConfig
  clock: Clock
  clockQuality: () => ClockQuality
  scale: number
  commands: StationCommands & RequestEffects & StationDoor
  factLog: FactLog
  health: Health
  planner: Planner
  decisions: DecisionLog
}): Control {
  const { config, site, fleet } = of.loaded
  return createControl({
    setup: {
      site,
      fleet,
      stations: config.stations.map(({ id }) => as<StationId>(id)),
      policy: policyOf(config),
    },
    deps: {
      clock: of.clock,
      factLog: of.factLog,
      commands: of.commands,
      effects: of.commands,
      door: of.commands,
      health: of.health,
      planner: of.planner,
      priceAt: pricesOf(config),
      clockQuality: of.clockQuality,
      stopwatch,
      random: seededRandom(of.clock.now()),
    },
    particulars: {
      depot: {
        id: config.depot.id,
        name: config.depot.name,
        virtual: config.depot.virtual,
        time_zone: config.depot.time_zone,
      },
      scale: of.scale,
      tariff: () => tariffAt(config, of.clock.now()),
    },
    soon,
    decisions: of.decisions,
  })
}

function policyOf({ balancing, site }: LoadedConfig['config']): Policy {
  const rise = balancing.max_rise_kw_per_min
  return {
    ...DEFAULT_POLICY,
    aim: balancing.aim,
    leaseS: balancing.lease_s,
    renewS: balancing.renew_s,
    restS: balancing.rest_s,
    startupGraceS: balancing.startup_grace_s,
    limitWritesPerDay: balancing.limit_writes_per_day,
    maxRiseWPerMin: rise === undefined ? null : rise * 1000,
    demandWindow: minutes(site.demand_window_min),
  }
}

/** The first facts of a log, of a run, and the departures of the file that nobody has set since. */
export function noteStart(
  control: Control,
  of: { loaded: LoadedConfig; bootNo: number; epoch: Epoch; first: boolean },
): void {
  const { recorder } = control.depot
  const controller = { type: 'controller', id: of.loaded.config.depot.id } as const
  if (of.first)
    recorder.note([
      recorder.fact('EpochStarted', controller, {
        epoch: of.epoch,
        prev_epoch: null,
        prev_head: 0,
        cause: 'first-start',
      }),
    ])
  recorder.note([
    recorder.fact('ControllerStarted', controller, {
      boot_no: of.bootNo,
      software: VERSION,
      config_hash: of.loaded.hash,
    }),
  ])
  const listed = of.loaded.config.departures.map((departure) => ({
    vehicle: as<VehicleId>(departure.vehicle),
    departureAt: fromIso(departure.departure_at),
    energyNeededWh:
      departure.energy_needed_kwh === undefined ? null : wattHours(departure.energy_needed_kwh * 1000),
    socNeededPct: departure.soc_needed_pct === undefined ? null : percent(departure.soc_needed_pct),
  }))
  if (of.first && listed.length > 0)
    control.submit({ type: 'departures-set', departures: listed, by: 'depot.yaml' })
}

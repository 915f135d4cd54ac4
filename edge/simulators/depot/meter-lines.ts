import type { Clock } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { PerPhase } from '@busbar/units/per-phase.ts'
import type { MeterPicture } from '../meter/meter-picture.ts'
import { startVirtualLine, type VirtualLine } from '../meter/virtual-line.ts'
import { type Random, within } from '../random.ts'
import { type FeederLinePlan, FeederMeter, type FeederMeterPlan } from './feeder-meter.ts'
import type { StationLoad } from './plant.ts'

/** What the feeder meters see of the site. */
export interface SiteFlow {
  /** What a station draws. */
  load(station: string): StationLoad
  /** What flows past the site meter. */
  picture(): MeterPicture
}

/** The feeder meters of a depot on their lines. */
export class MeterLines {
  readonly #plans: readonly FeederLinePlan[]
  readonly #meters: ReadonlyMap<string, { readonly plan: FeederMeterPlan; readonly meter: FeederMeter }>
  readonly #site: SiteFlow
  readonly #lines = new Map<string, VirtualLine>()

  constructor(plans: readonly FeederLinePlan[], site: SiteFlow, random: Random) {
    this.#plans = plans
    this.#site = site
    this.#meters = new Map(
      plans
        .flatMap(({ meters }) => meters)
        .map((plan) => [
          plan.id,
          { plan, meter: new FeederMeter(Math.floor(within(random.fork(plan.id), 1e7, 9e7))) },
        ]),
    )
  }

  async start(clock: Clock): Promise<void> {
    for (const { id, end, baud, meters } of this.#plans)
      this.#lines.set(
        id,
        await startVirtualLine({
          ...{ end, clock },
          ...(baud !== undefined && { baud }),
          units: meters.map(({ id: meter, unit, profile }) => ({
            unit,
            profile,
            picture: () => this.#picture(meter),
          })),
        }),
      )
  }

  async stop(): Promise<void> {
    for (const line of this.#lines.values()) await line.stop()
  }

  step(voltageV: PerPhase<number>, dtS: number): void {
    for (const { plan, meter } of this.#meters.values()) meter.step(this.#loads(plan), voltageV, dtS)
  }

  all(): ReadonlyMap<string, VirtualLine> {
    return this.#lines
  }

  #picture(id: string): MeterPicture {
    const found = this.#meters.get(id)
    if (!found) throw new DepotError('simulator.unknown-meter', `no feeder meter "${id}"`)
    const { voltageV, frequencyHz } = this.#site.picture()
    return found.meter.picture(this.#loads(found.plan), voltageV, frequencyHz)
  }

  #loads({ stations }: FeederMeterPlan): readonly StationLoad[] {
    return stations.map((station) => this.#site.load(station))
  }
}

import type { ConductorView, PowerView } from '@busbar/contracts/lan-api/site-view.ts'
import type { BarPiece } from '@busbar/ui-kit/components/power-bar.tsx'
import { amperes, kilowattLimit, kilowatts } from '@busbar/ui-kit/format.ts'

/** The site's bar, in W. With the building unknown, what is measured beyond the vehicles has no name. */
export function sitePieces(power: PowerView): BarPiece[] {
  const { import_w, building_w, held_w } = power
  const vehicles = power.vehicles_w ?? 0
  const rest = import_w === null ? 0 : import_w - vehicles
  const first: BarPiece =
    building_w === null ? { part: 'measured', value: rest } : { part: 'building', value: building_w }
  return [first, { part: 'vehicles', value: vehicles }, { part: 'held', value: held_w }]
}

/** Whether the meter's word may stand for now: it answers, if a little late. */
export const isMeasured = ({ quality, import_w }: PowerView): boolean =>
  import_w !== null && (quality === 'live' || quality === 'hold')

/** The site's bar in words. */
export const describePower = (power: PowerView): string =>
  `Building ${kilowatts(power.building_w)}, vehicles ${kilowatts(power.vehicles_w)}, held ${kilowatts(power.held_w)} of ${kilowattLimit(power.limit_w)} kW`

/** One conductor's bar, in A. */
export const conductorPieces = (conductor: ConductorView): BarPiece[] => [
  { part: 'building', value: conductor.building_a },
  { part: 'vehicles', value: conductor.vehicles_a },
  { part: 'held', value: conductor.held_a },
]

/** What the balancer counts on a conductor, A. */
export const countedAmps = ({ building_a, vehicles_a, held_a }: ConductorView): number =>
  building_a + vehicles_a + held_a

/** One conductor's bar in words. */
export const describeConductor = (conductor: ConductorView): string =>
  `Building ${amperes(conductor.building_a)}, vehicles ${amperes(conductor.vehicles_a)}, held ${amperes(conductor.held_a)} of ${amperes(conductor.limit_a)} A; the meter says ${amperes(conductor.measured_a)} A`

import { type PerPhase, PHASES, perPhase } from '@busbar/units/per-phase.ts'
import type { MeterProfile, PointName } from '../../profiles/meter-profile.ts'

/** What flows past the virtual meter now. Current carries the direction: import positive. */
export interface MeterPicture {
  readonly currentA: PerPhase<number>
  readonly voltageV: PerPhase<number>
  /** 0 to 1. */
  readonly powerFactor: number
  /** Where the phases differ: 0 to 1 each. */
  readonly phasePowerFactor?: PerPhase<number>
  readonly frequencyHz: number
  readonly importWh: number
  readonly exportWh: number
}

/** Active power on each phase, W, import positive. */
export const phasePowerW = ({
  currentA,
  voltageV,
  powerFactor,
  phasePowerFactor,
}: MeterPicture): PerPhase<number> =>
  perPhase((phase) => currentA[phase] * voltageV[phase] * (phasePowerFactor?.[phase] ?? powerFactor))

/** The picture as this meter reports it, in the units of the profile; everything is on tariff 1. */
export function reported(picture: MeterPicture, signs: MeterProfile['signs']): Record<PointName, number> {
  const sign = signs.power === 'import-positive' ? 1 : -1
  const { currentA, voltageV, powerFactor } = picture
  const factor = picture.phasePowerFactor ?? perPhase(() => powerFactor)
  const powerW = phasePowerW(picture)
  const [p1 = 0, p2 = 0, p3 = 0] = PHASES.map((phase) => sign * powerW[phase])
  const [i1 = 0, i2 = 0, i3 = 0] = PHASES.map((phase) =>
    signs.current === 'signed' ? sign * currentA[phase] : Math.abs(currentA[phase]),
  )
  return {
    u_l1: voltageV.l1,
    u_l2: voltageV.l2,
    u_l3: voltageV.l3,
    i_l1: i1,
    i_l2: i2,
    i_l3: i3,
    p_l1: p1,
    p_l2: p2,
    p_l3: p3,
    p_total: p1 + p2 + p3,
    f: picture.frequencyHz,
    e_imp: picture.importWh,
    e_exp: picture.exportWh,
    e_imp_t1: picture.importWh,
    e_imp_t2: 0,
    e_exp_t1: picture.exportWh,
    e_exp_t2: 0,
    i_n: 0,
    pf_l1: factor.l1,
    pf_l2: factor.l2,
    pf_l3: factor.l3,
    pf_total: powerFactor,
    e_imp_l1: picture.importWh / 3,
    e_imp_l2: picture.importWh / 3,
    e_imp_l3: picture.importWh / 3,
    e_exp_l1: picture.exportWh / 3,
    e_exp_l2: picture.exportWh / 3,
    e_exp_l3: picture.exportWh / 3,
  }
}

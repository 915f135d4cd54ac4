import type {
  ConformanceFinding,
  ConformanceStep,
} from '../../../domain/charging/conformance/conformance-facts.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { composite } from './composite.ts'
import { duration } from './duration.ts'
import { inventory } from './inventory.ts'
import { levels } from './levels.ts'
import { liveness } from './liveness.ts'
import { loss } from './loss.ts'
import { reboot } from './reboot.ts'
import { reconnect } from './reconnect.ts'
import { rounding } from './rounding.ts'
import { unlock } from './unlock.ts'
import { variants } from './variants.ts'
import { zero } from './zero.ts'

/** What a step found. */
export type Told = Omit<ConformanceFinding, 'step'>

interface Step {
  readonly step: ConformanceStep
  /** What it does, for whoever starts the run. */
  readonly does: string
  /** At most, s. */
  readonly takesS: number
  readonly needs: 'none' | 'transaction' | 'obedience'
  readonly measure: (depot: Depot, run: Run) => Promise<Told>
}

/** All steps, in their order. */
export const STEPS: readonly Step[] = [
  {
    step: 'inventory',
    does: 'reads its settings, and asks for its local list and for a reservation, which it gives back',
    takesS: 60,
    needs: 'none',
    measure: inventory,
  },
  {
    step: 'liveness',
    does: 'looks at its clock, its answers to pings and its meter values',
    takesS: 60,
    needs: 'transaction',
    measure: liveness,
  },
  {
    step: 'levels',
    does: 'sets four limits between its minimum and its rating and measures whether it follows',
    takesS: 300,
    needs: 'transaction',
    measure: levels,
  },
  {
    step: 'rounding',
    does: 'sets limits that lie close together and looks which it tells apart',
    takesS: 200,
    needs: 'obedience',
    measure: rounding,
  },
  {
    step: 'composite',
    does: 'asks what limit it works out',
    takesS: 40,
    needs: 'obedience',
    measure: composite,
  },
  {
    step: 'variants',
    does: 'sets limits in other ways: relative, in watts, at other stack levels, for the station, without transaction',
    takesS: 500,
    needs: 'transaction',
    measure: variants,
  },
  {
    step: 'duration',
    does: 'lets a limit run out and looks whether it returns to its default',
    takesS: 160,
    needs: 'obedience',
    measure: duration,
  },
  {
    step: 'reconnect',
    does: 'cuts its connection for a moment and looks whether its limit is still there',
    takesS: 200,
    needs: 'obedience',
    measure: reconnect,
  },
  {
    step: 'loss',
    does: 'keeps it out for about two minutes while a limit runs out, and watches the meter',
    takesS: 460,
    needs: 'obedience',
    measure: loss,
  },
  {
    step: 'zero',
    does: 'sets 0 and then a limit again: charging pauses and goes on, or the transaction ends',
    takesS: 220,
    needs: 'obedience',
    measure: zero,
  },
  {
    step: 'reboot',
    does: 'restarts it, which ends the transaction on many stations, and looks whether its limits are still there',
    takesS: 300,
    needs: 'none',
    measure: reboot,
  },
  {
    step: 'unlock',
    does: 'unlocks the connector, if no transaction runs any more',
    takesS: 40,
    needs: 'none',
    measure: unlock,
  },
]

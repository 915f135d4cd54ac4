import { type Duration, minutes, seconds } from '@busbar/units/time.ts'

const LONGEST_S = 60

/** Pause after refused credentials or a refused epoch: nobody mends those within seconds. */
export const REFUSED_PAUSE: Duration = minutes(5)

/** Pause before the next connect: full jitter below a ceiling that doubles from 1 s to 60 s. `random` is in [0, 1). */
export const reconnectPause = (failures: number, random: number): Duration =>
  seconds(random * Math.min(LONGEST_S, 2 ** failures))

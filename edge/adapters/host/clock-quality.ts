import { access } from 'node:fs/promises'
import { type Clock, every } from '@busbar/model/clock.ts'
import { minutes } from '@busbar/units/time.ts'
import type { ClockQuality } from '../../domain/facts.ts'

/** systemd-timesyncd and chrony's wait service leave this mark once time is synchronised. */
const MARK = '/run/systemd/timesync/synchronized'

/**
 * Whether the machine's clock is synchronised, looked up each minute. `unsynced` is also the answer where nobody can
 * tell: a time is not certain because we cannot doubt it.
 */
export async function watchClockQuality(clock: Clock): Promise<{ now(): ClockQuality; stop(): void }> {
  let quality: ClockQuality = 'unsynced'
  const look = () =>
    access(MARK).then(
      () => {
        quality = 'synced'
      },
      () => {
        quality = 'unsynced'
      },
    )
  await look()
  const timer = every(clock, minutes(1), () => void look())
  return { now: () => quality, stop: () => timer.cancel() }
}

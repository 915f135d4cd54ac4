import { z } from 'zod'
import type { Switch } from './quirk.ts'
import { flagSwitch, quirkSwitch } from './quirk-switch.ts'

/** The profile group: what a station makes of the charging profiles it is sent. */
export const PROFILE_SWITCHES: Readonly<Record<string, Switch>> = {
  'profile.zero': quirkSwitch(z.enum(['pauses', 'ends', 'ends-and-persists']), (zero) => {
    let persists = false
    return zero === 'pauses'
      ? {}
      : {
          answers: (asked, usual) => {
            if (asked.action === 'ClearChargingProfile') persists = false
            return usual(asked)
          },
          ticks(_at, { connector }) {
            if (connector.transaction && connector.offered?.value === 0) persists = zero !== 'ends'
            else if (!persists) return
            connector.end('Other')
          },
        }
  }),
  'profile.lost-on-reconnect': flagSwitch(() => ({ online: ({ profiles }) => void profiles.clear({}) })),
}

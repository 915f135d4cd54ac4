import { z } from 'zod'
import type { Switch } from './quirk.ts'
import { quirkSwitch } from './quirk-switch.ts'
import { sampledIn } from './sampled.ts'

/** The meter group: what is odd about the values a station sends. */
export const METER_SWITCHES: Readonly<Record<string, Switch>> = {
  'meter.direction': quirkSwitch(z.enum(['as-sent', 'export-means-import']), (direction) =>
    direction === 'as-sent'
      ? {}
      : {
          says: (said) =>
            sampledIn(said, (one) => [
              { ...one, measurand: String(one.measurand).replace('Import', 'Export') },
            ]),
        },
  ),
}

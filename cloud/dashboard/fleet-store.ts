import { FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { decode } from '@busbar/ui-kit/live/decode.ts'
import { LiveStore } from '@busbar/ui-kit/live/live-store.ts'

/** The fleet as it is now. */
export const createFleetStore = (): LiveStore<FleetView> =>
  new LiveStore({
    snapshot: '/api/v1/fleet',
    stream: '/api/v1/fleet/live',
    event: 'fleet',
    silence: 8_000,
    parse: (value) => decode(FleetView, value),
  })

import {
  ConformanceAnswer,
  ConformancePreview,
  ConformanceRequest,
  ConformanceView,
} from '@busbar/contracts/lan-api/conformance.ts'
import { as, type EvseKey, evseKey, type StationId } from '@busbar/model/ids.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Submit } from '../../domain/inputs.ts'
import type { Caller } from './access.ts'
import { problem } from './problem.ts'
import { failed, json, writing } from './schemas.ts'

export interface ConformanceApi {
  readonly submit: Submit
  readonly stations: ReadonlySet<string>
  readonly conformance: {
    readonly view: (station: StationId) => ConformanceView
    /** Null where there is no such EVSE. */
    readonly preview: (of: {
      key: EvseKey
      vehicleCharges: boolean
      skip: ConformanceRequest['skip']
    }) => ConformancePreview | null
  }
}

const path = '/api/v1/stations/{station}/conformance'
const params = z.object({ station: z.string().max(48) })
const body = { required: true, content: { 'application/json': { schema: ConformanceRequest } } }
const missing = { 404: failed('No such station or EVSE') }

const viewRoute = createRoute({
  method: 'get',
  path,
  request: { params },
  responses: { 200: json(ConformanceView, 'What was measured, and the run under way'), ...missing },
})
const startRoute = createRoute({
  method: 'post',
  path,
  request: { params, body },
  responses: { 200: json(ConformanceAnswer, 'Whether it has started'), ...writing, ...missing },
})
const previewRoute = createRoute({
  method: 'post',
  path: `${path}/preview`,
  request: { params, body },
  responses: { 200: json(ConformancePreview, 'What it would do, and for how long'), ...writing, ...missing },
})
const cancelRoute = createRoute({
  method: 'delete',
  path,
  request: { params },
  responses: { 204: { description: 'It ends; the station gets its normal limit' }, ...writing, ...missing },
})

/** A technician's test of a station. */
export function addConformance(app: OpenAPIHono<Caller>, api: ConformanceApi): void {
  const none = (station: string) => !api.stations.has(station)
  app.openapi(viewRoute, (c) => {
    const { station } = c.req.valid('param')
    if (none(station)) return problem(c, 404, { title: 'No such station', detail: station })
    return c.json(api.conformance.view(as<StationId>(station)), 200)
  })
  app.openapi(startRoute, async (c) => {
    const { station } = c.req.valid('param')
    if (none(station)) return problem(c, 404, { title: 'No such station', detail: station })
    const { evse, vehicle_charges: vehicleCharges, skip } = c.req.valid('json')
    const { outcome, durable } = api.submit({
      type: 'conformance-start',
      station: as<StationId>(station),
      ...{ evse, vehicleCharges, skip, by: c.get('actor') },
    })
    await durable
    return c.json(outcome, 200)
  })
  app.openapi(previewRoute, (c) => {
    const { station } = c.req.valid('param')
    const { evse, vehicle_charges: vehicleCharges, skip } = c.req.valid('json')
    const key = evseKey(as<StationId>(station), evse)
    const preview = api.conformance.preview({ key, vehicleCharges, skip })
    return preview === null ? problem(c, 404, { title: 'No such EVSE', detail: key }) : c.json(preview, 200)
  })
  app.openapi(cancelRoute, async (c) => {
    const { station } = c.req.valid('param')
    const { outcome, durable } = api.submit({
      type: 'conformance-cancel',
      station: as<StationId>(station),
      by: c.get('actor'),
    })
    await durable
    return outcome.found
      ? c.body(null, 204)
      : problem(c, 404, { title: 'No run is under way there', detail: station })
  })
}

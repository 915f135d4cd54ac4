import { VariablesView } from '@busbar/contracts/lan-api/variables.ts'
import { as, type StationId } from '@busbar/model/ids.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Caller } from './access.ts'
import { problem } from './problem.ts'
import { failed, json } from './schemas.ts'

export interface DeviceApi {
  readonly stations: ReadonlySet<string>
  /** The device model of a station. */
  readonly variables: (station: StationId) => VariablesView
}

const variablesRoute = createRoute({
  method: 'get',
  path: '/api/v1/stations/{station}/variables',
  request: {
    params: z.object({ station: z.string().max(48) }),
    query: z.object({
      component: z.string().max(50).optional(),
      variable: z.string().max(50).optional(),
    }),
  },
  responses: {
    200: json(VariablesView, 'What the station has told of its variables, its age, and whether it is all'),
    404: failed('No such station'),
  },
})

/** The device models of stations. */
export function addDevices(app: OpenAPIHono<Caller>, api: DeviceApi): void {
  app.openapi(variablesRoute, (c) => {
    const { station } = c.req.valid('param')
    if (!api.stations.has(station)) return problem(c, 404, { title: 'No such station', detail: station })
    const { component, variable } = c.req.valid('query')
    const view = api.variables(as<StationId>(station))
    const variables = view.variables.filter(
      (known) => isNamed(known.component.name, component) && isNamed(known.variable.name, variable),
    )
    return c.json({ ...view, variables }, 200)
  })
}

const isNamed = (name: string, asked: string | undefined): boolean =>
  asked === undefined || name.toLowerCase() === asked.toLowerCase()

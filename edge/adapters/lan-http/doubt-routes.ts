import { DoubtsView, type DoubtView, SettleRequest } from '@busbar/contracts/lan-api/doubts.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type TransactionId } from '@busbar/model/ids.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { toIso } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Submit } from '../../domain/inputs.ts'
import type { Caller } from './access.ts'
import { problem } from './problem.ts'
import { failed, json, writing } from './schemas.ts'

export interface DoubtApi {
  readonly submit: Submit
  readonly clock: Clock
  /** What waits to be settled, oldest first. */
  readonly doubts: () => DoubtView[]
}

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/doubts',
  request: { query: z.object({ station: z.string().max(48).optional() }) },
  responses: { 200: json(DoubtsView, 'Orphan records and suspect transactions, oldest first') },
})
const settleRoute = createRoute({
  method: 'post',
  path: '/api/v1/doubts/{doubt}/settle',
  request: {
    params: z.object({ doubt: z.string().max(200) }),
    body: { required: true, content: { 'application/json': { schema: SettleRequest } } },
  },
  responses: {
    204: { description: 'Settled, with who and why on record' },
    404: failed('Nothing of that name waits'),
    409: failed('It cannot be settled so'),
    ...writing,
  },
})

/** Orphans and suspect transactions. */
export function addDoubts(app: OpenAPIHono<Caller>, api: DoubtApi): void {
  app.openapi(listRoute, (c) => {
    const { station } = c.req.valid('query')
    const doubts = api.doubts().filter((doubt) => station === undefined || doubt.station === station)
    return c.json({ at: toIso(api.clock.now()), doubts }, 200)
  })
  app.openapi(settleRoute, async (c) => {
    const { doubt } = c.req.valid('param')
    const { resolution, reason, transaction, meter_stop_wh: register } = c.req.valid('json')
    const { outcome, durable } = api.submit({
      type: 'doubt-settled',
      doubt,
      resolution,
      reason,
      transaction: transaction === undefined ? null : as<TransactionId>(transaction),
      meterStopWh: register === undefined ? null : wattHours(register),
      by: c.get('actor'),
    })
    await durable
    if (outcome.status === 'settled') return c.body(null, 204)
    return outcome.status === 'unknown'
      ? problem(c, 404, { title: 'Nothing of that name waits', detail: doubt })
      : problem(c, 409, { title: 'It cannot be settled so', detail: outcome.reason ?? '' })
  })
}

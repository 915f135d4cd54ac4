import {
  type MeterDetail,
  MeterProbeAnswer,
  MeterProbeRequest,
  MeterProfilesView,
  MeterRegisters,
  MeterReport,
  MetersView,
  MeterTestAnswer,
  MeterTestRequest,
} from '@busbar/contracts/lan-api/meters.ts'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type MeterId, type StationId } from '@busbar/model/ids.ts'
import { toIso } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Submit } from '../../domain/inputs.ts'
import type { MeterBench } from '../../domain/ports/meter-bench.ts'
import type { MeterInspection } from '../../domain/site/trust/inspection.ts'
import type { SelfTestReport, StepFact } from '../../domain/site/trust/self-tests.ts'
import type { Caller } from './access.ts'

/** A meter as the control loop sees it. */
type Listed = Readonly<Omit<MeterDetail, 'self_test' | 'findings'>> & {
  readonly self_test:
    | (Omit<NonNullable<MeterDetail['self_test']>, 'steps'> & {
        readonly steps: readonly NonNullable<MeterDetail['self_test']>['steps'][number][]
      })
    | null
  readonly findings: readonly MeterDetail['findings'][number][]
}

export interface MetersApi {
  readonly clock: Clock
  readonly submit: Submit
  readonly meters: {
    readonly list: () => readonly Listed[]
    readonly report: (
      meter: MeterId,
    ) => { readonly report: SelfTestReport; readonly step: StepFact | null } | null
    readonly bench: MeterBench
  }
}

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const failed = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})
const params = z.object({ meter: z.string().max(100) })
const writing = {
  400: failed('The request does not fit'),
  401: failed('A token is needed'),
  403: failed('Another role is needed, or the page is of another origin'),
}
const missing = { 404: failed('No such meter, or nothing is known of that yet') }

const metersRoute = createRoute({
  method: 'get',
  path: '/api/v1/meters',
  responses: { 200: json(MetersView, 'Every meter: what it reads, what that is worth, its self-test') },
})
const profilesRoute = createRoute({
  method: 'get',
  path: '/api/v1/meter-profiles',
  responses: { 200: json(MeterProfilesView, 'The register maps to choose from') },
})
const registersRoute = createRoute({
  method: 'get',
  path: '/api/v1/meters/{meter}/registers',
  request: { params },
  responses: { 200: json(MeterRegisters, 'Identity, and registers raw and decoded'), ...missing },
})
const reportRoute = createRoute({
  method: 'get',
  path: '/api/v1/meters/{meter}/report',
  request: { params },
  responses: { 200: json(MeterReport, 'The last self-test with its raw values'), ...missing },
})
const testRoute = createRoute({
  method: 'post',
  path: '/api/v1/meters/{meter}/self-test',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: MeterTestRequest } } },
  },
  responses: {
    200: json(MeterTestAnswer, 'It is under way; its report tells how it ended'),
    ...writing,
    ...missing,
  },
})
const probeRoute = createRoute({
  method: 'post',
  path: '/api/v1/meter-probes',
  request: { body: { required: true, content: { 'application/json': { schema: MeterProbeRequest } } } },
  responses: { 200: json(MeterProbeAnswer, 'What a device at that address says by that map'), ...writing },
})

/** What people who install meters ask of them. */
export function addMeters(app: OpenAPIHono<Caller>, api: MetersApi): void {
  const { meters, clock } = api
  app.openapi(metersRoute, (c) =>
    c.json({ at: toIso(clock.now()), meters: meters.list().map(detailOf) }, 200),
  )
  app.openapi(profilesRoute, (c) => {
    const profiles = meters.bench.profiles().map((profile) => ({ ...profile, models: [...profile.models] }))
    return c.json({ profiles }, 200)
  })
  app.openapi(registersRoute, async (c) => {
    const { meter } = c.req.valid('param')
    const inspection = await meters.bench.inspect(as<MeterId>(meter))
    return inspection === null
      ? c.json(notFound(`meter "${meter}" cannot be asked, or has not answered yet`), 404, PROBLEM)
      : c.json(registersOf(inspection), 200)
  })
  app.openapi(reportRoute, (c) => {
    const { meter } = c.req.valid('param')
    const found = meters.report(as<MeterId>(meter))
    return found === null
      ? c.json(notFound(`meter "${meter}" has no report yet`), 404, PROBLEM)
      : c.json(reportOf(found), 200)
  })
  addRequests(app, api)
}

function addRequests(app: OpenAPIHono<Caller>, { meters, submit }: MetersApi): void {
  app.openapi(testRoute, async (c) => {
    const { meter } = c.req.valid('param')
    if (!meters.list().some(({ id }) => id === meter))
      return c.json(notFound(`there is no meter "${meter}"`), 404, PROBLEM)
    const { station, evse } = c.req.valid('json')
    const { outcome, durable } = submit({
      type: 'meter-test',
      meter: as<MeterId>(meter),
      station: station === undefined ? null : as<StationId>(station),
      evse: evse ?? null,
      by: c.get('actor'),
    })
    await durable
    return c.json(outcome, 200)
  })
  app.openapi(probeRoute, async (c) => {
    const { address_offset: addressOffset, ...target } = c.req.valid('json')
    const found = await meters.bench.probe({
      ...target,
      ...(addressOffset !== undefined && { addressOffset }),
    })
    return 'failed' in found
      ? c.json({ status: 'failed' as const, code: found.failed, reason: found.reason }, 200)
      : c.json({ status: 'read' as const, registers: registersOf(found) }, 200)
  })
}

const detailOf = ({ self_test: test, findings, ...meter }: Listed): MeterDetail => ({
  ...meter,
  self_test: test === null ? null : { ...test, steps: test.steps.map((each) => ({ ...each })) },
  findings: findings.map((each) => ({ ...each })),
})

const registersOf = (of: MeterInspection): MeterRegisters => ({
  at: toIso(of.at),
  serial: of.serial,
  offset: of.offset,
  offsets: of.offsets.map((each) => ({ ...each })),
  raw: of.raw.map(({ functionCode, addr, words }) => ({
    function_code: functionCode,
    addr,
    words: [...words],
  })),
  decoded: of.decoded.map((point) => ({ ...point, words: [...point.words] })),
  reply_p99_ms: of.replyP99Ms,
  deadline_ms: of.deadlineMs,
})

function reportOf({ report, step }: { report: SelfTestReport; step: StepFact | null }): MeterReport {
  return {
    ...report,
    at: toIso(report.at),
    steps: report.steps.map((each) => ({ ...each })),
    raw: report.raw.map((block) => ({ ...block, words: [...block.words] })),
    decoded: report.decoded.map((point) => ({ ...point, words: [...point.words] })),
    step:
      step === null
        ? null
        : {
            verdict: step.verdict,
            ratio: step.ratio,
            map: step.map,
            reversed: [...step.reversed],
            expected_w: step.expected_w,
            measured_w: step.measured_w,
            text: step.text,
            by: step.by,
          },
  }
}

const PROBLEM = { 'content-type': 'application/problem+json' }
const notFound = (detail: string): Problem => ({
  type: 'about:blank',
  title: 'Not found',
  status: 404,
  detail,
})

import { CertificatesView, RetireRequest } from '@busbar/contracts/lan-api/certificates.ts'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import type { Clock } from '@busbar/model/clock.ts'
import type { StationId } from '@busbar/model/ids.ts'
import { type Instant, toIso } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Caller } from './access.ts'
import { problem } from './problem.ts'

/** What keeps the certificates of stations, as people use it. */
export interface Certificates {
  view(): {
    readonly generations: readonly number[]
    readonly stations: readonly {
      readonly station: StationId
      readonly presents: boolean
      readonly roots: readonly number[]
      readonly certificate: {
        readonly serial: string
        readonly notAfter: Instant
        readonly generation: number
      } | null
    }[]
  }
  behind(): readonly StationId[]
  rotate(by: string): Promise<void>
  retire(by: string): Promise<void>
  revoke(serial: string, by: string): Promise<boolean>
}

const DAY_MS = 86_400_000
const failed = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})
const shown = {
  200: {
    description: 'The authority as it stands',
    content: { 'application/json': { schema: CertificatesView } },
  },
  404: failed('The depot has no authority: no station runs over TLS'),
}
const viewRoute = createRoute({ method: 'get', path: '/api/v1/certificates', responses: shown })
const rotateRoute = createRoute({ method: 'post', path: '/api/v1/certificates/rotate', responses: shown })
const retireRoute = createRoute({
  method: 'post',
  path: '/api/v1/certificates/retire',
  request: { body: { required: true, content: { 'application/json': { schema: RetireRequest } } } },
  responses: { ...shown, 409: failed('Other stations are behind than the request gives up') },
})
const revokeRoute = createRoute({
  method: 'post',
  path: '/api/v1/certificates/{serial}/revoke',
  request: { params: z.object({ serial: z.string().regex(/^[0-9a-f]{1,40}$/, 'lower-case hex') }) },
  responses: shown,
})

/** The certificate board and what can be done at it. */
export function addCertificates(
  app: OpenAPIHono<Caller>,
  { certificates, clock }: { certificates: Certificates | null; clock: Clock },
): void {
  const missing = (c: Parameters<typeof problem>[0], detail: string) =>
    problem(c, 404, { title: 'Not found', detail })
  const NONE = 'no station runs over TLS: ocpp.tls is not configured'
  app.openapi(viewRoute, (c) =>
    certificates === null ? missing(c, NONE) : c.json(viewOf(certificates, clock), 200),
  )
  app.openapi(rotateRoute, async (c) => {
    if (certificates === null) return missing(c, NONE)
    await certificates.rotate(c.get('actor'))
    return c.json(viewOf(certificates, clock), 200)
  })
  app.openapi(retireRoute, async (c) => {
    if (certificates === null) return missing(c, NONE)
    const { give_up: named } = c.req.valid('json')
    const behind = certificates.behind()
    if (new Set([...named, ...behind]).size !== behind.length || named.length !== behind.length) {
      const detail = `behind are ${behind.join(', ') || 'none'}; the request gives up ${named.join(', ') || 'none'}`
      return problem(c, 409, { title: 'Other stations are behind', detail })
    }
    await certificates.retire(c.get('actor'))
    return c.json(viewOf(certificates, clock), 200)
  })
  app.openapi(revokeRoute, async (c) => {
    if (certificates === null) return missing(c, NONE)
    const { serial } = c.req.valid('param')
    if (!(await certificates.revoke(serial, c.get('actor')))) return missing(c, `certificate ${serial}`)
    return c.json(viewOf(certificates, clock), 200)
  })
}

function viewOf(certificates: Certificates, clock: Clock): CertificatesView {
  const { generations, stations } = certificates.view()
  return {
    at: toIso(clock.now()),
    roots: [...generations],
    behind: [...certificates.behind()],
    stations: stations.map(({ station, presents, roots, certificate }) => ({
      ...{ station, presents, roots: [...roots] },
      certificate: certificate && {
        serial: certificate.serial,
        not_after: toIso(certificate.notAfter),
        days_left: Math.floor((certificate.notAfter - clock.now()) / DAY_MS),
        root: certificate.generation,
      },
    })),
  }
}

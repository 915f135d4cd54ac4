import { CommandAnswer, CommandQuery, StationRequest } from '@busbar/contracts/lan-api/station-commands.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type IdToken, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { fromIso, type Instant, later, seconds } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { StationCommand } from '../../domain/commands.ts'
import type { CommandResult, Submit } from '../../domain/inputs.ts'
import type { Caller, Refused } from './access.ts'
import { problem } from './problem.ts'
import { allows, COMMAND_ROLES } from './roles.ts'
import { failed, json, writing } from './schemas.ts'

export interface CommandApi {
  readonly submit: Submit
  readonly clock: Clock
  readonly stations: ReadonlySet<string>
}

/** What the row of the route demands is asked before; some commands demand more. */
type OnRefused = (refused: Refused) => void

const route = createRoute({
  method: 'post',
  path: '/api/v1/stations/{station}/commands',
  request: {
    params: z.object({ station: z.string().max(48) }),
    query: CommandQuery,
    body: { required: true, content: { 'application/json': { schema: StationRequest } } },
  },
  responses: { 200: json(CommandAnswer, 'What came of it'), ...writing, 404: failed('No such station') },
})

/** What people ask of a station. */
export function addCommands(app: OpenAPIHono<Caller>, api: CommandApi, onRefused: OnRefused): void {
  app.openapi(route, async (c) => {
    const { station: id } = c.req.valid('param')
    if (!api.stations.has(id)) return problem(c, 404, { title: 'No such station', detail: id })
    const request = c.req.valid('json')
    const needed = COMMAND_ROLES[request.kind] ?? 'operator'
    const [by, role] = [c.get('actor'), c.get('role')]
    if (!allows(role, needed)) {
      onRefused({ by, role, needed, request: `POST ${route.path} (${request.kind})` })
      return problem(c, 403, { title: `The role ${needed} is needed` })
    }
    const { valid_for_s: validFor } = c.req.valid('query')
    const of = { station: as<StationId>(id), by }
    const waits = validFor === undefined ? {} : { expiresAt: later(api.clock.now(), seconds(validFor)) }
    const { listVersion, ...answer } = await ask(api.submit, request, { ...of, ...waits })
    return c.json(listVersion === undefined ? answer : { ...answer, list_version: listVersion }, 200)
  })
}

interface Of {
  readonly station: StationId
  readonly by: string
  readonly expiresAt?: Instant
}

function ask(submit: Submit, request: StationRequest, of: Of): Promise<CommandResult> {
  const { station, by } = of
  switch (request.kind) {
    case 'change-password':
      return submit({ type: 'password-wanted', station, by }).outcome
    case 'get-log': {
      const { log, oldest, latest } = request
      return submit({
        ...{ type: 'log-wanted', station, log, by },
        oldest: oldest === null ? null : fromIso(oldest),
        latest: latest === null ? null : fromIso(latest),
      }).outcome
    }
    case 'update-firmware': {
      const { image, retrieve_at: retrieveAt, install_at: installAt, unsigned } = request
      return submit({
        ...{ type: 'firmware-wanted', station, image, unsigned, by },
        retrieveAt: retrieveAt === null ? null : fromIso(retrieveAt),
        installAt: installAt === null ? null : fromIso(installAt),
      }).outcome
    }
    case 'request-start':
      return stationCommand(
        submit,
        { kind: 'request-start', evse: request.evse, idToken: as<IdToken>(request.id_token) },
        of,
      )
    case 'request-stop':
      return stationCommand(
        submit,
        { kind: 'request-stop', transaction: as<TransactionId>(request.transaction) },
        of,
      )
    default:
      return stationCommand(submit, request, of)
  }
}

const stationCommand = (submit: Submit, command: StationCommand, of: Of): Promise<CommandResult> =>
  submit({ type: 'station-command', command, ...of }).outcome

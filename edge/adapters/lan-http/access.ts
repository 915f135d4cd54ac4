import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { Clock } from '@busbar/model/clock.ts'
import { between, type Monotonic, minutes } from '@busbar/units/time.ts'
import type { Context, MiddlewareHandler } from 'hono'
import type { Submit } from '../../domain/inputs.ts'
import { problem } from './problem.ts'
import { allows, type Role, roleFor, rowOf } from './roles.ts'

/** A person or program that was let in by name. */
export interface Token {
  readonly name: string
  readonly role: Role
  readonly sha256: string
}

export interface AccessOptions {
  readonly tokens: readonly Token[]
  /** Only this machine reaches the listener: reading needs no token. */
  readonly local: boolean
  /** Named setting: anyone who reaches the listener may change something. */
  readonly open: boolean
  /** Names people reach the depot by, beside `localhost` and addresses. */
  readonly names: readonly string[]
}

export type Caller = { Variables: { actor: string; role: Role } }

/** Somebody who was let in by name and asked for more than his role allows. */
export interface Refused {
  readonly by: string
  readonly role: Role
  readonly needed: Role
  /** Method and the row of the table of roles. */
  readonly request: string
}

/**
 * Lets a request in by the table of roles. A change never comes from another site's page, and nothing is answered
 * under a foreign name: that is a page whose own name was made to point here (DNS rebinding).
 */
export const access =
  (options: AccessOptions, onRefused: (refused: Refused) => void): MiddlewareHandler<Caller> =>
  async (c, next) => {
    if (!knownHost(options, c.req.header('host')))
      return problem(c, 421, {
        title: 'This depot has another name',
        detail: 'Use its address, or list the name in depot.yaml, lan_http.names.',
      })
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && foreignOrigin(c))
      return problem(c, 403, { title: 'A page of another origin may not change anything here' })
    const needed = roleFor(c.req.method, c.req.path)
    if (needed === 'anyone') return next()
    const caller = callerOf(options, c.req.header('authorization'))
    const anonymous = c.req.header('authorization') === undefined
    if (caller === null || (anonymous && !allows(caller.role, needed))) return unauthorized(c)
    if (!allows(caller.role, needed)) return forbidden(c, { caller, needed }, onRefused)
    c.set('actor', caller.name)
    c.set('role', caller.role)
    return next()
  }

function forbidden(
  c: Context,
  { caller, needed }: { caller: Pick<Token, 'name' | 'role'>; needed: Role },
  onRefused: (refused: Refused) => void,
) {
  const request = `${c.req.method} ${rowOf(c.req.method, c.req.path)}`
  onRefused({ by: caller.name, role: caller.role, needed, request })
  return problem(c, 403, {
    title: `The role ${needed} is needed`,
    detail: `${caller.name} has the role ${caller.role}.`,
  })
}

/** Between two records of the same refusal; who goes on asking fills no disk. */
const SPACING = minutes(1)

/** Puts refusals on record, each at most once a minute. */
export function refusalsTo({ submit, clock }: { submit: Submit; clock: Clock }): (refused: Refused) => void {
  const told = new Map<string, Monotonic>()
  return (refused) => {
    const key = `${refused.by} ${refused.request}`
    const now = clock.monotonic()
    const last = told.get(key)
    if (last !== undefined && between(last, now) < SPACING) return
    told.set(key, now)
    submit({ type: 'access-refused', ...refused }).durable.catch(() => undefined)
  }
}

function unauthorized(c: Context) {
  // Basic lets a browser ask its user; programs send Bearer.
  c.header('www-authenticate', 'Basic realm="busbar", charset="UTF-8"')
  c.header('www-authenticate', 'Bearer realm="busbar"', { append: true })
  return problem(c, 401, {
    title: 'A token is needed',
    detail:
      'Send "Authorization: Bearer TOKEN", or the token as a Basic password; tokens stand in depot.yaml, lan_http.tokens.',
  })
}

function knownHost({ names }: AccessOptions, host: string | undefined): boolean {
  const name = host === undefined ? undefined : URL.parse(`http://${host}`)?.hostname.replace(/\.$/, '')
  if (name === undefined) return false
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0 || name === 'localhost' || names.includes(name)
}

function foreignOrigin(c: Context): boolean {
  const origin = c.req.header('origin')
  return origin !== undefined && URL.parse(origin)?.host !== c.req.header('host')
}

/** Without a token: a nameless manager where everything is open, a nameless viewer on this machine, else nobody. */
function callerOf(
  { tokens, local, open }: AccessOptions,
  header: string | undefined,
): Pick<Token, 'name' | 'role'> | null {
  if (header === undefined)
    return open || local ? { name: 'anonymous', role: open ? 'manager' : 'viewer' } : null
  const given = secretIn(header)
  if (given === undefined) return null
  const hash = createHash('sha256').update(given).digest()
  return tokens.find(({ sha256 }) => timingSafeEqual(hash, Buffer.from(sha256, 'hex'))) ?? null
}

function secretIn(header: string): string | undefined {
  const basic = header.match(/^Basic ([\w+/]+=*)$/i)?.[1]
  if (basic === undefined) return header.match(/^Bearer (\S+)$/i)?.[1]
  const pair = Buffer.from(basic, 'base64').toString()
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined
}

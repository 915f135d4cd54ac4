import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { problem } from './problem.ts'

/** A program that may change something. */
export interface Token {
  readonly name: string
  readonly sha256: string
}

export interface AccessOptions {
  readonly tokens: readonly Token[]
  /** Named setting: anyone who reaches the port may change something. */
  readonly open: boolean
}

export type Caller = { Variables: { actor: string } }

/** Reads are open on the depot's LAN; a change needs a token, and never comes from another site's page. */
export const writeAccess = (options: AccessOptions): MiddlewareHandler<Caller> => async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
  if (foreignOrigin(c)) return problem(c, 403, { title: 'A page of another origin may not change anything here' })
  const actor = actorOf(options, c.req.header('authorization'))
  if (actor === null) {
    c.header('www-authenticate', 'Bearer realm="busbar"')
    return problem(c, 401, { title: 'A token is needed', detail: 'Send "Authorization: Bearer TOKEN" with a token of depot.yaml, lan_http.tokens.' })
  }
  c.set('actor', actor)
  return next()
}

function foreignOrigin(c: Context): boolean {
  const origin = c.req.header('origin')
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== c.req.header('host')
}

function actorOf({ tokens, open }: AccessOptions, header: string | undefined): string | null {
  const given = header?.match(/^Bearer (\S+)$/)?.[1]
  if (given === undefined) return open && header === undefined ? 'anonymous' : null
  const hash = createHash('sha256').update(given).digest()
  let found: string | null = null
  for (const { name, sha256 } of tokens) if (timingSafeEqual(hash, Buffer.from(sha256, 'hex'))) found = name
  return found
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { problem } from './problem.ts'

export interface AccessOptions {
  /** Host names under which the API answers; a page that reached us by another name is not ours. */
  readonly names: ReadonlySet<string>
  /** Null on loopback, where nobody signs in yet. */
  readonly tokens: readonly { readonly sha256: string; readonly role: 'viewer' }[] | null
}

/** Who may read what; a path that no row covers is for nobody. */
const ROUTES: readonly { readonly path: RegExp; readonly roles: readonly ('anyone' | 'viewer')[] }[] = [
  { path: /^\/health$/, roles: ['anyone'] },
  { path: /^\/metrics$/, roles: ['viewer'] },
  { path: /^\/api\//, roles: ['viewer'] },
  { path: /^\//, roles: ['anyone'] },
]

const HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

/** Checks host name and token, and adds the security headers to every answer. */
export function guard(options: AccessOptions): MiddlewareHandler {
  return async (context, next) => {
    const url = new URL(context.req.url)
    const refused = refuse(options, url, context.req.header('authorization'))
    if (refused) context.res = refused
    else await next()
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value)
  }
}

function refuse(
  { names, tokens }: AccessOptions,
  url: URL,
  authorization: string | undefined,
): Response | null {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!names.has(host)) return problem(421, `host ${host}: expected one of ${[...names].join(', ')}`)
  const roles = ROUTES.find((route) => route.path.test(url.pathname))?.roles ?? []
  if (tokens === null || roles.includes('anyone')) return null
  const given = createHash('sha256')
    .update(authorization?.replace(/^Bearer /, '') ?? '')
    .digest()
  const held = tokens.filter((token) => timingSafeEqual(given, Buffer.from(token.sha256, 'hex')))
  return held.some((token) => roles.includes(token.role))
    ? null
    : problem(401, 'send "Authorization: Bearer TOKEN"')
}

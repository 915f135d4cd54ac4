import { messageOf } from '@busbar/model/depot-error.ts'
import { Authority } from './authority.ts'
import type { AuthorityOptions, AuthorityRequestName, FromAuthority, ToAuthority } from './messages.ts'

/** The authority's own process: it answers its parent over the pipe between them and ends with it. */
const say = (message: FromAuthority) => process.send?.(message)
const options = JSON.parse(process.argv[2] ?? '{}') as AuthorityOptions

type Answers = {
  readonly [N in AuthorityRequestName]: (params: Extract<ToAuthority, { name: N }>['params']) => unknown
}

function answers(authority: Authority): Answers {
  return {
    trust: ({ now }) => authority.trust(now),
    serverIdentity: ({ now, names }) => authority.serverIdentity(now, names),
    sign: ({ now, ...of }) => authority.sign(now, of),
    issued: () => authority.issued(),
    revoke: ({ serial }) => authority.revoke(serial),
    rotate: ({ now }) => authority.rotate(now),
    retire: () => authority.retire(),
  }
}

function serve(authority: Authority): void {
  const known = answers(authority)
  // One after the other: two that sign at once would each save a list without the other's.
  let last: Promise<unknown> = Promise.resolve()
  process.on('message', (request: ToAuthority) => {
    const answer = known[request.name] as (params: unknown) => unknown
    last = last
      .then(() => answer(request.params))
      .then(
        (value) => say({ kind: 'answer', id: request.id, value: value ?? null }),
        (error: unknown) => say({ kind: 'failed', id: request.id, reason: messageOf(error) }),
      )
  })
  process.on('disconnect', () => process.exit(0))
}

try {
  serve(new Authority(options))
  say({ kind: 'opened' })
} catch (error) {
  say({ kind: 'refused', reason: messageOf(error) })
}

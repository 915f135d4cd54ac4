import type { Problem } from '@busbar/contracts/lan-api/problem.ts'

const TITLES = new Map([
  [400, 'Bad request'],
  [401, 'Token missing or wrong'],
  [404, 'Not found'],
  [421, 'Not served under this name'],
  [500, 'Failed'],
  [503, 'Not available just now'],
])

export const PROBLEM_TYPE = { 'content-type': 'application/problem+json' } as const

/** The body of an RFC 9457 answer. */
export const problemBody = (status: number, detail: string, errors?: Problem['errors']): Problem => ({
  type: 'about:blank',
  title: TITLES.get(status) ?? 'Error',
  status,
  detail,
  ...(errors && { errors }),
})

/** An RFC 9457 answer. */
export const problem = (status: number, detail: string, errors?: Problem['errors']): Response =>
  Response.json(problemBody(status, detail, errors), { status, headers: PROBLEM_TYPE })

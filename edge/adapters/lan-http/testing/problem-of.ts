import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import { DepotError } from '@busbar/model/depot-error.ts'

/** The RFC 9457 problem that an answer is. */
export async function problemOf(answer: Response): Promise<Problem> {
  const type = answer.headers.get('content-type')
  if (!type?.includes('application/problem+json'))
    throw new DepotError('testing.no-problem', `${answer.status} is ${type}: ${await answer.text()}`)
  const problem = Problem.parse(await answer.json())
  if (problem.status !== answer.status)
    throw new DepotError('testing.no-problem', `${answer.status} says ${problem.status}`)
  return problem
}

import { ManualAnswer, ManualPreview } from '@busbar/contracts/lan-api/manual.ts'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import { WhyView } from '@busbar/contracts/lan-api/why.ts'
import { decode, type Shape } from '@busbar/ui-kit/live/decode.ts'

/** What came of a question to the controller: its answer, or why there is none, for people. */
export type Asked<T> = { readonly ok: T } | { readonly failed: string }

const SILENT = 'The depot’s controller does not answer; nothing is known to have changed.'

async function ask<T>(path: string, shape: Shape<T>, init: RequestInit = {}): Promise<Asked<T>> {
  try {
    const answer = await fetch(path, { headers: { 'content-type': 'application/json' }, ...init })
    const body: unknown = await answer.json()
    if (answer.ok) return { ok: decode(shape, body) }
    const problem = Problem.safeParse(body)
    return {
      failed: problem.success ? (problem.data.detail ?? problem.data.title) : `It answers ${answer.status}.`,
    }
  } catch {
    // No answer, or one in an unknown form: the same to whoever asked.
    return { failed: SILENT }
  }
}

/** Where acts at an EVSE go. */
export const evsePath = ({ station, evse }: { station: string; evse: number }): string =>
  `/api/v1/evses/${encodeURIComponent(station)}/${evse}`

/** Where the operating limit of a circuit goes. */
export const limitPath = (circuit: string): string =>
  `/api/v1/circuits/${encodeURIComponent(circuit)}/operating-limit`

/** Why an EVSE has its limit. */
export const fetchWhy = (path: string, signal: AbortSignal): Promise<Asked<WhyView>> =>
  ask(`${path}/why`, WhyView, { signal })

/** Who would gain and lose; nothing changes. */
export const previewAct = (path: string, body: object): Promise<Asked<ManualPreview>> =>
  ask(`${path}/preview`, ManualPreview, { method: 'POST', body: JSON.stringify(body) })

/** Sets what `body` says, or ends what stands when there is none. */
export async function sendAct(path: string, body: object | null): Promise<Asked<null>> {
  const init = body === null ? { method: 'DELETE' } : { method: 'PUT', body: JSON.stringify(body) }
  const answer = await ask(path, ManualAnswer, init)
  if ('failed' in answer) return answer
  return answer.ok.status === 'accepted' ? { ok: null } : { failed: answer.ok.reason ?? 'It was refused.' }
}

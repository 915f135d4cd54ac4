import { as, type IdToken } from '@busbar/model/ids.ts'
import type { Answers } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { textOf } from '../tolerant.ts'
import type { V16Context } from './context.ts'
import { idTagInfo } from './id-tag-info.ts'

/** Waits for the decision, which may first have to make room in the circuit. */
export const authorize =
  ({ submit }: V16Context) =>
  async ({ station, payload }: StationCall): Promise<Reply> => {
    const idToken = as<IdToken>(textOf(payload.idTag) ?? '')
    const { outcome, durable } = submit({ type: 'authorize', station, idToken })
    // Handled here too: the commit may fail while the decision is still awaited.
    durable.catch(() => undefined)
    const decision = await outcome
    const answer: Answers['Authorize'] = { idTagInfo: idTagInfo(decision) }
    return { answer, durable }
  }

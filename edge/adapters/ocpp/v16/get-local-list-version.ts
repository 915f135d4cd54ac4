import type { StationAnswer } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import { numberOf } from '../tolerant.ts'
import { type Request, request } from './request.ts'

export const getLocalListVersion = (): Request => request('GetLocalListVersion', {}, readAnswer)

/** -1: the station keeps no local list; 0: its list is empty. */
function readAnswer(answer: Payload): StationAnswer {
  const listVersion = numberOf(answer.listVersion)
  if (listVersion === null || !Number.isSafeInteger(listVersion))
    return { status: 'unanswered', reason: 'error', detail: 'the answer has no list version' }
  return listVersion < 0
    ? { status: 'rejected', reason: 'NotSupported' }
    : { status: 'accepted', listVersion }
}

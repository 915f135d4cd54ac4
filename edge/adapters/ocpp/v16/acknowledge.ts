import type { Reply, StationCall } from '../rpc/route.ts'
import { textOf } from '../tolerant.ts'
import type { V16Context } from './context.ts'

/** Messages that are logged and acknowledged, and change nothing. */
export const acknowledge =
  ({ log }: V16Context) =>
  ({ station, action, payload }: StationCall): Reply => {
    log.info({ station, action, what: textOf(payload.status) ?? textOf(payload.type) }, 'a station reports')
    return { answer: {} }
  }

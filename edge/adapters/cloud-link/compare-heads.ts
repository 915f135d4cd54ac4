import { chainStart } from '@busbar/contracts/sync/chain.ts'
import type { FactLog, LogHead } from '../../domain/ports/fact-log.ts'

/** What the cloud's head means for us: where to go on from, or why not to. */
export type HeadVerdict =
  | { readonly go: 'on'; readonly from: number; readonly hash: string; readonly rewound: boolean }
  | { readonly go: 'stop'; readonly reason: string }

/** Compares the cloud's committed head with our own log; the cloud's head is where the upload starts, not our cursor. */
export async function compareHeads(
  cloud: { readonly seq: number; readonly hash: string },
  own: LogHead,
  factLog: Pick<FactLog, 'hashAt'>,
): Promise<HeadVerdict> {
  if (cloud.seq > own.seq)
    return stop(`the cloud has ${cloud.seq} facts, this controller only ${own.seq}: its data was set back`)
  if (cloud.seq < own.floor - 1)
    return stop(
      `the cloud wants facts from ${cloud.seq + 1}, this controller holds them from ${own.floor} only`,
    )
  const hash = cloud.seq === 0 ? chainStart(own.epoch) : await factLog.hashAt(cloud.seq)
  if (hash !== null && hash !== cloud.hash)
    return stop(`fact ${cloud.seq} differs between cloud and controller: its data was set back or exchanged`)
  return { go: 'on', from: cloud.seq, hash: cloud.hash, rewound: cloud.seq < own.acked }
}

const stop = (reason: string): HeadVerdict => ({ go: 'stop', reason })

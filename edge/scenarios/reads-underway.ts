import type { Edge } from '../main.ts'
import type { VirtualLine } from '../simulators/meter/virtual-line.ts'

type ReadsNow = Pick<ReturnType<Edge['activity']>['meters'], 'inFlight' | 'requests' | 'settingUp'>
type Lines = ReadonlyMap<string, VirtualLine>

/** Requests that the meters have heard since they were started. */
export const requestsHeard = (lines: Lines): number =>
  [...lines.values()].reduce((sum, line) => sum + line.counters().requests, 0)

/**
 * Whether a port opens or is cleared, or a request or an answer is on its way: what ends without the clock. An answer
 * that the meters owe may wait for it.
 * @param before requests heard from an edge before this one
 */
export function readsUnderway(lines: Lines, reads: ReadsNow, before: number): boolean {
  const owing = [...lines.values()].reduce((sum, line) => sum + line.owing(), 0)
  return reads.settingUp > 0 || reads.inFlight > owing || reads.requests > requestsHeard(lines) - before
}

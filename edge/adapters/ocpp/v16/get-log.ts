import type { Instant } from '@busbar/units/time.ts'
import type { StationAnswer, Transfer } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import { toStationTime } from '../station-time.ts'
import { type CommandOf, detailedAnswer } from '../status-answer.ts'
import { textOf } from '../tolerant.ts'
import { type Request, request } from './request.ts'

/** Every 1.6 station knows GetDiagnostics; the security log needs the security extension's GetLog. */
export const getLog = (command: CommandOf<'get-log'>): Request =>
  command.log === 'SecurityLog' ? securityLog(command) : diagnostics(command)

const diagnostics = ({ to, oldest, latest }: CommandOf<'get-log'>): Request =>
  request(
    'GetDiagnostics',
    {
      location: to.location,
      ...attemptsOf(to),
      ...(oldest === null ? {} : { startTime: toStationTime(oldest) }),
      ...(latest === null ? {} : { stopTime: toStationTime(latest) }),
    },
    (answer): StationAnswer => ({ status: 'accepted', ...fileOf(answer, 'fileName') }),
  )

const securityLog = ({ log, request: requestId, to, oldest, latest }: CommandOf<'get-log'>): Request =>
  request(
    'GetLog',
    {
      logType: log,
      requestId,
      ...attemptsOf(to),
      log: { remoteLocation: to.location, ...spanOf(oldest, latest) },
    },
    detailedAnswer(['Accepted', 'AcceptedCanceled'], (answer) => fileOf(answer, 'filename')),
  )

const spanOf = (oldest: Instant | null, latest: Instant | null) => ({
  ...(oldest === null ? {} : { oldestTimestamp: toStationTime(oldest) }),
  ...(latest === null ? {} : { latestTimestamp: toStationTime(latest) }),
})

/** How often the station tries a transfer, in seconds apart. */
export const attemptsOf = ({ retries, retryIntervalS }: Transfer) => ({
  ...(retries === null ? {} : { retries }),
  ...(retryIntervalS === null ? {} : { retryInterval: retryIntervalS }),
})

function fileOf(answer: Payload, member: 'fileName' | 'filename'): { file?: string } {
  const file = textOf(answer[member])
  return file === null ? {} : { file }
}

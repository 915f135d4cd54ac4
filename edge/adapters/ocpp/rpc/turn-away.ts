import type { Clock } from '@busbar/model/clock.ts'
import type { Duration } from '@busbar/units/time.ts'
import type { WebSocket } from 'ws'

/** Closes a socket whose handshake brought no common subprotocol; cuts it when it does not go `within` this. @see OCPP-J 1.6 section 3.1.2 */
export function turnAway(
  webSocket: WebSocket,
  { clock, within }: { readonly clock: Clock; readonly within: Duration },
): void {
  webSocket.on('error', () => webSocket.terminate())
  webSocket.close(1002, 'a subprotocol is required')
  const deadline = clock.timer(within, () => webSocket.terminate())
  webSocket.once('close', () => deadline.cancel())
}

import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'

/** Opens a bare TCP connection to the host and port of a URL. */
export async function connectTcp(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connectSocket(Number(port), hostname)
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Sends bytes and collects what comes back until the other end closes. */
export async function exchange(url: string, request: string): Promise<string> {
  const socket = await connectTcp(url)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.write(request)
  await once(socket, 'close')
  return answer
}

/** An upgrade request, byte for byte. */
export const upgradeRequest = (path: string, headers: Readonly<Record<string, string>> = {}): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...Object.entries({ 'Sec-WebSocket-Protocol': 'ocpp1.6', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
    '',
    '',
  ].join('\r\n')

/** A short text frame as a client sends it, masked with zeros. */
export function textFrame(text: string): Buffer {
  const body = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body])
}

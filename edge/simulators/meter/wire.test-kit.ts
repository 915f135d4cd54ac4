import { connect, type Socket } from 'node:net'

/** A plain socket that writes hex and reads hex; `ended` resolves when the other side let go. */
export async function openLine(port: number) {
  const socket: Socket = connect(port, '127.0.0.1')
  let received = ''
  let tell: () => void = () => undefined
  socket.on('data', (chunk) => {
    received += chunk.toString('hex')
    tell()
  })
  const ended = new Promise<void>((resolve) =>
    socket.on('error', () => socket.destroy()).on('close', () => resolve()),
  )
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const write = (hex: string) => void socket.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  const bytes = async (count: number) => {
    while (received.length < 2 * count)
      await new Promise<void>((resolve) => {
        tell = resolve
      })
    const taken = received.slice(0, 2 * count)
    received = received.slice(2 * count)
    return taken
  }
  return {
    close: () => socket.destroy(),
    write,
    bytes,
    ended,
    unread: () => received,
    ask: async (hex: string, replyBytes: number) => {
      write(hex)
      return bytes(replyBytes)
    },
  }
}

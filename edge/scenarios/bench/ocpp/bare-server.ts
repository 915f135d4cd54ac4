import { RPCServer } from 'ocpp-rpc'

/** The measure: the RPC library alone, in strict mode, which answers the same calls and keeps nothing. */
interface Client {
  handle(action: string, handler: () => object): void
}

const ANSWERS: Readonly<Record<string, () => object>> = {
  BootNotification: () => ({ status: 'Accepted', interval: 60, currentTime: new Date().toISOString() }),
  Heartbeat: () => ({ currentTime: new Date().toISOString() }),
  StatusNotification: () => ({}),
  StartTransaction: () => ({ transactionId: 1, idTagInfo: { status: 'Accepted' } }),
  MeterValues: () => ({}),
  StopTransaction: () => ({ idTagInfo: { status: 'Accepted' } }),
}

const server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true } as never)
server.auth((accept) => {
  accept({}, 'ocpp1.6')
})
server.on('client', (client: Client) => {
  for (const [action, answer] of Object.entries(ANSWERS)) client.handle(action, answer)
})
const http = (await server.listen(0, '127.0.0.1')) as unknown as { address(): { port: number } }
process.stdout.write(`listening ${http.address().port}\n`)
process.on('disconnect', () => process.exit(0))

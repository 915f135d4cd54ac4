import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DepotDouble, startDepot } from '../testing/depot-double.ts'
import { connect } from '../testing/raw-station.ts'

let depot: DepotDouble
beforeEach(async () => {
  depot = await startDepot({ clock: new FakeClock() })
})
afterEach(() => depot.csms.stop())

/** Sends it and then a heartbeat; gives what came before the heartbeat's answer: id and error. */
async function answersTo(protocol: string, frame: string) {
  const client = await connect(`${depot.url}/CP1`, { protocols: [protocol] })
  client.send(frame)
  await client.call('Heartbeat', {}, 'alive')
  const errors = client.received.filter(([, id]) => id !== 'alive')
  await client.close()
  return errors
}
const error = (id: unknown, code: string) => [[4, id, code, 'The message cannot be read', {}]]

const NO_CALL = [
  'hello',
  '{"a":1}',
  '[]',
  '["2","x","Heartbeat",{}]',
  'null',
  '[2,null,"Heartbeat",{}]',
  '[2,1e999]',
]
const NEWER = ['ocpp2.0.1', 'ocpp2.1']

describe.each(NEWER)('in %s', (protocol) => {
  test.each(NO_CALL)('OCPP-J 2.0.1 4.2.3: %s is an error of no id', async (frame) => {
    expect(await answersTo(protocol, frame)).toEqual(error('-1', 'RpcFrameworkError'))
  })

  test.each(['[2,"x"]', '[2,"x",7,{}]'])('%s is no request', async (frame) => {
    expect(await answersTo(protocol, frame)).toEqual(error('x', 'RpcFrameworkError'))
  })

  test("a request that is no JSON is a format violation, and a report that is none stays the station's", async () => {
    expect(await answersTo(protocol, '[2,"x","Authorize",{"idToken":')).toEqual(error('x', 'FormatViolation'))
    expect(await answersTo(protocol, '[2,"x","TransactionEvent",{')).toEqual([])
  })

  test('OCPP-J 2.0.1 4.4: a message of an unknown type is told so', async () => {
    expect(await answersTo(protocol, '[7,"x","Heartbeat",{}]')).toEqual(error('x', 'MessageTypeNotSupported'))
    expect(await answersTo(protocol, '[2.5,{},"Heartbeat"]')).toEqual(error('-1', 'MessageTypeNotSupported'))
  })

  test.each(['[3,"x",{}]', '[4,"x","GenericError","",{}]', '[4,"x"]', '[3]'])(
    'an answer to nothing is not answered: %s',
    async (frame) => {
      expect(await answersTo(protocol, frame)).toEqual([])
    },
  )
})

test.each(['[5,"x","InternalError","",{}]', '[6,"x","NotifyPeriodicEventStream",{}]'])(
  'OCPP 2.1 has the type of %s, which is never answered; 2.0.1 has not',
  async (frame) => {
    expect(await answersTo('ocpp2.1', frame)).toEqual([])
    expect(await answersTo('ocpp2.0.1', frame)).toEqual(error('x', 'MessageTypeNotSupported'))
  },
)

test('OCPP 1.6 has no word for what is no call, and passes over it', async () => {
  for (const frame of [...NO_CALL, '[7,"x","Heartbeat",{}]'])
    expect(await answersTo('ocpp1.6', frame)).toEqual([])
})

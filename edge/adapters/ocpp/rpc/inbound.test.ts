import { DepotError } from '@busbar/model/depot-error.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Input } from '../../../domain/inputs.ts'
import { type DepotDouble, startDepot, station } from '../testing/depot-double.ts'
import { connect, type RawStation } from '../testing/raw-station.ts'
import { connectTcp, textFrame, upgradeRequest } from '../testing/raw-tcp.ts'

const START = { connectorId: 1, idTag: 'BUS-1', meterStart: 0, timestamp: '2026-11-21T18:00:00Z' }
const VALUES = {
  connectorId: 1,
  meterValue: [{ timestamp: '2026-11-21T18:00:00Z', sampledValue: [{ value: '100' }] }],
}

let clock: FakeClock
let depot: DepotDouble
let client: RawStation
beforeEach(async () => {
  clock = new FakeClock()
  depot = await startDepot({ clock, stations: [station('CP1'), station('CP2')] })
  client = await connect(`${depot.url}/CP1`)
})
afterEach(() => depot.csms.stop())

const count = (type: Input['type']) => depot.inputs.filter((input) => input.type === type).length

/** Commits of `type` wait until told how they end. */
function holdCommits(type: Input['type']) {
  const commits: { resolve: () => void; reject: (reason: Error) => void }[] = []
  depot.onInput = (input) => {
    if (input.type !== type) return undefined
    return { durable: new Promise<void>((resolve, reject) => commits.push({ resolve, reject })) }
  }
  return commits
}

describe('T3: message types of later versions', () => {
  test.each(['[5,"x","InternalError","",{}]', '[6,"x","NotifyPeriodicEventStream",{}]'])(
    '%s is logged, and the connection stays',
    async (frame) => {
      client.send(frame)
      expect((await client.call('Heartbeat', {}))[0]).toBe(3)
      expect(depot.lines.some((line) => line.includes('message type'))).toBe(true)
    },
  )
})

describe('T11: what goes wrong inside', () => {
  test('is not told outside', async () => {
    depot.onInput = () => {
      throw new DepotError('store.failed', 'secret: /var/lib/depot.db')
    }
    const answer = await client.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })
    expect(answer).toEqual([4, 'raw-1', 'InternalError', 'The message could not be handled', {}])
    expect(depot.lines.some((line) => line.includes('secret'))).toBe(true)
  })

  test('never makes a report an error: it stays unanswered and the station keeps it', async () => {
    depot.onInput = (input) => {
      if (input.type === 'transaction-started') throw new DepotError('store.failed', 'secret')
      return undefined
    }
    client.send(JSON.stringify([2, 'start', 'StartTransaction', START]))
    await client.call('Heartbeat', {})
    expect(client.received.map(([, id]) => id)).not.toContain('start')
  })
})

describe('a receipt', () => {
  test.each([
    ['StartTransaction', START, 'transaction-started'],
    ['MeterValues', VALUES, 'meter-values'],
    ['StopTransaction', { transactionId: 1, meterStop: 5, timestamp: START.timestamp }, 'transaction-ended'],
  ] as const)('of %s leaves only after the commit', async (action, payload, type) => {
    const commits = holdCommits(type)
    const answer = client.call(action, payload)
    await depot.until(() => commits.length === 1)
    expect(client.received).toEqual([])
    expect(depot.csms.activity().working).toBe(1)
    commits[0]?.resolve()
    expect((await answer)[0]).toBe(3)
    expect(depot.csms.activity().working).toBe(0)
  })

  test('never leaves when the commit fails, and the repeated message is taken again', async () => {
    const commits = holdCommits('transaction-started')
    client.send(JSON.stringify([2, 'start', 'StartTransaction', START]))
    await depot.until(() => commits.length === 1)
    commits[0]?.reject(new DepotError('store.failed', 'disk full'))
    await client.call('Heartbeat', {})
    expect(client.received.map(([, id]) => id)).not.toContain('start')
    const again = client.call('StartTransaction', START, 'start')
    await depot.until(() => commits.length === 2)
    commits[1]?.resolve()
    expect((await again)[0]).toBe(3)
  })

  test('is given up after a minute, so that one stuck commit does not silence the station', async () => {
    const commits = holdCommits('meter-values')
    client.send(JSON.stringify([2, 'stuck', 'MeterValues', VALUES]))
    await depot.until(() => commits.length === 1)
    const heartbeat = client.call('Heartbeat', {})
    clock.advance(minutes(1))
    expect((await heartbeat)[0]).toBe(3)
    expect(client.received.map(([, id]) => id)).not.toContain('stuck')
  })
})

describe('T12: frames at the edge of the format', () => {
  test('a numeric id is answered with that number', async () => {
    client.send('[2,7,"Heartbeat",{}]')
    expect((await client.next(([, id]) => id === 7))[0]).toBe(3)
  })

  test.each([
    ['a byte order mark', '\uFEFF[2,"b","Heartbeat",{}]'],
    ['a trailing NUL', '[2,"b","Heartbeat",{}]\0'],
    ['line breaks around it', '\r\n [2,"b","Heartbeat",{}]\r\n'],
  ])('%s is no error', async (_what, frame) => {
    client.send(frame)
    expect((await client.next(([, id]) => id === 'b'))[0]).toBe(3)
  })

  test('an empty frame is ignored', async () => {
    client.send('')
    expect((await client.call('Heartbeat', {}))[0]).toBe(3)
    expect(client.received).toHaveLength(1)
  })

  test('an answer to nothing is ignored and logged', async () => {
    client.send('[3,"never-asked",{}]')
    expect((await client.call('Heartbeat', {}))[0]).toBe(3)
    expect(client.received).toHaveLength(1)
    expect(depot.lines.some((line) => line.startsWith('warn') && line.includes('never-asked'))).toBe(true)
  })

  test.each([
    ['[2,"x","Heartbeat",{]', 'x'],
    ['[2,"x"]', 'x'],
    ['[2,"x",7,{}]', 'x'],
  ])('%s is a FormationViolation', async (frame, id) => {
    client.send(frame)
    expect(await client.next((message) => message[1] === id)).toEqual([
      4,
      id,
      'FormationViolation',
      'The message cannot be read',
      {},
    ])
  })

  test.each([
    'hello',
    '{"a":1}',
    '[]',
    '["2"]',
    'null',
    '[2,"x\\q","Heartbeat",{}]',
    '[2,"x","StopTransaction",{',
  ])('%s is counted, not answered', async (frame) => {
    client.send(frame)
    await client.call('Heartbeat', {})
    expect(client.received).toHaveLength(1)
  })

  test('an unknown action is NotImplemented, and so are the names every object has', async () => {
    for (const action of ['Teleport', 'constructor', '__proto__'])
      expect(await client.call(action, {}, action)).toEqual([
        4,
        action,
        'NotImplemented',
        'This action is not known here',
        {},
      ])
  })

  test('a thousand bad messages make one report', async () => {
    for (let sent = 0; sent < 1000; sent += 1) client.send('garbage')
    await client.call('Heartbeat', {})
    expect(depot.events).toEqual([{ kind: 'bad-messages', station: 'CP1', count: 10 }])
    expect(depot.lines.filter((line) => line.includes('could not be read'))).toHaveLength(10)
  })
})

describe('T13: one call at a time', () => {
  test('a slow one is answered before the quick one behind it', async () => {
    const commits = holdCommits('transaction-started')
    const slow = client.call('StartTransaction', START)
    const quick = client.call('Heartbeat', {})
    await depot.until(() => commits.length === 1)
    expect(client.received).toEqual([])
    commits[0]?.resolve()
    await Promise.all([slow, quick])
    expect(client.received.map(([, id]) => id)).toEqual(['raw-1', 'raw-2'])
  })

  test('a burst of 500 runs one handler at a time, in order', async () => {
    let running = 0
    let most = 0
    depot.csms.onFrame(({ direction }) => {
      if (direction === 'out') running -= 1
    })
    depot.onInput = () => {
      running += 1
      most = Math.max(most, running)
      return undefined
    }
    const answers = Array.from({ length: 500 }, (_, n) => client.call('MeterValues', { ...VALUES, n }))
    await Promise.all(answers)
    expect(most).toBe(1)
    expect(count('meter-values')).toBe(500)
    expect(client.received.map(([, id]) => id)).toEqual(answers.map((_, n) => `raw-${n + 1}`))
  })

  test('and the socket is not read while 64 wait', async () => {
    const commits = holdCommits('meter-values')
    const padding = 'x'.repeat(8000)
    const answers = Array.from({ length: 500 }, (_, n) =>
      client.call('MeterValues', { ...VALUES, n, padding }),
    )
    await depot.until(() => commits.length === 1)
    const other = await connect(`${depot.url}/CP2`)
    for (let turn = 0; turn < 200; turn += 1) await other.call('Heartbeat', {})
    // What one read of the socket brings may come on top.
    expect(depot.csms.activity().working).toBeGreaterThanOrEqual(64)
    expect(depot.csms.activity().working).toBeLessThan(64 + 12)
    depot.onInput = null
    commits[0]?.resolve()
    await Promise.all(answers)
    expect(count('meter-values')).toBe(500)
  })
})

test('T14: a call sent with the last byte of the handshake is handled', async () => {
  await client.close()
  await depot.until(() => count('station-disconnected') === 1)
  const socket = await connectTcp(depot.url)
  let received = ''
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (received.includes('[3,"early"')) resolve()
    })
  })
  const boot = '[2,"early","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
  socket.write(Buffer.concat([Buffer.from(upgradeRequest('/CP1')), textFrame(boot)]))
  await answered
  expect(count('station-booted')).toBe(1)
  socket.destroy()
})

describe('T26: a call repeated while it is in work', () => {
  test('is done once, and both get the one answer', async () => {
    const commits = holdCommits('transaction-started')
    const frame = JSON.stringify([2, 'twin', 'StartTransaction', START])
    client.send(frame)
    client.send(frame)
    await client.socket.ping()
    await depot.until(() => commits.length === 1)
    commits[0]?.resolve()
    await client.call('Heartbeat', {})
    const twins = client.received.filter(([, id]) => id === 'twin')
    expect(twins).toHaveLength(2)
    expect(twins[0]).toEqual(twins[1])
    expect(twins[0]?.[0]).toBe(3)
    expect(count('transaction-started')).toBe(1)
  })

  test('and later gets the stored answer, without a second effect', async () => {
    const first = await client.call('StartTransaction', START, 'again')
    client.send(JSON.stringify([2, 'again', 'StartTransaction', START]))
    await client.call('Heartbeat', {})
    expect(client.received.filter(([, id]) => id === 'again')).toEqual([first, first])
    expect(count('transaction-started')).toBe(1)
  })

  test('is a new message when its payload differs', async () => {
    await client.call('StartTransaction', START, '1')
    await client.call('StartTransaction', { ...START, connectorId: 2 }, '1')
    client.send(JSON.stringify([2, '1', 'StartTransaction', { ...START, connectorId: 3 }]))
    await depot.until(() => count('transaction-started') === 3)
  })

  test('is a new message when it is no report, since some stations use one id for ever', async () => {
    const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' }
    await client.call('StatusNotification', status, '1')
    client.send(JSON.stringify([2, '1', 'StatusNotification', status]))
    await depot.until(() => count('connector-status') === 2)
  })
})

describe('T27: payloads that are none', () => {
  test.each([
    '[2,"p","Heartbeat"]',
    '[2,"p","Heartbeat",null]',
    '[2,"p","Heartbeat",[]]',
    '[2,"p","Heartbeat","x"]',
  ])('%s counts as an empty one', async (frame) => {
    client.send(frame)
    expect(await client.next(([, id]) => id === 'p')).toEqual([
      3,
      'p',
      { currentTime: '2026-11-21T18:00:00Z' },
    ])
  })

  test('__proto__ is a name like any other', async () => {
    client.send('[2,"p","StatusNotification",{"__proto__":{"status":"Faulted"},"connectorId":1}]')
    await client.next(([, id]) => id === 'p')
    expect(depot.of('connector-status')[0]?.status).toBe('Occupied')
    expect(({} as { status?: string }).status).toBeUndefined()
  })
})

test('calls that wait when the connection ends are dropped, so that the station sends them again', async () => {
  const commits = holdCommits('transaction-started')
  client.send(JSON.stringify([2, 'a', 'StartTransaction', START]))
  client.send(JSON.stringify([2, 'b', 'MeterValues', VALUES]))
  await depot.until(() => commits.length === 1)
  client.socket.terminate()
  await depot.until(() => count('station-disconnected') === 1)
  commits[0]?.resolve()
  clock.advance(seconds(1))
  expect(count('meter-values')).toBe(0)
  expect(depot.csms.activity()).toMatchObject({ working: 0, callsPending: 0 })
})

import { minutes } from '@busbar/units/time.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { REQUEST_ROWS } from './octt201-rows.ts'
import { SpokenStation } from './spoken-station.ts'
import { TestDepot } from './test-depot.ts'

/** Every request that the conformance cases of OCPP 2.0.1 have a CSMS make, asked for at the API of the real edge. */
let depot: TestDepot
let station: SpokenStation
beforeAll(async () => {
  depot = await TestDepot.start({
    gridA: 200,
    otherA: 10,
    feeders: [{ id: 'f1', ratingA: 100 }],
    stations: [],
    foreign: [{ id: 'X', feeder: 'f1' }],
    vehicles: ['v1'],
  })
  station = await SpokenStation.connect(depot.edge.ocppAddress, 'X', ['ocpp2.0.1'])
  await station.boot201()
  await depot.until('the start-up is over', () => depot.edge.control.depot.ready, minutes(2))
})
afterAll(async () => {
  await station.close()
  await depot.stop()
})

async function ask(action: string, payload: object): Promise<unknown> {
  let answer: unknown
  const sent = fetch(`${depot.edge.httpAddress}/api/v1/stations/X/ocpp/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(payload),
  })
  void sent.then(async (response) => {
    answer = await response.json()
  })
  await depot.untilReally(action, async () => answer !== undefined)
  return answer
}

describe('what an engineer asks of a station leaves as it is, and its answer comes back', () => {
  test.each(REQUEST_ROWS.flatMap((row) => row.answers.map((answer) => ({ ...row, answer }))))(
    '$cases: $action, answered $answer',
    async ({ action, payload, answer }) => {
      station.asked.splice(0)
      station.answers = { ...station.answers, [action]: answer }
      expect(await ask(action, payload)).toEqual({ result: answer })
      expect(station.asked.filter((asked) => asked.action === action)).toContainEqual({ action, payload })
      // Whatever else the depot has to say of its own is answered well.
      const { [action]: _, ...usual } = station.answers
      station.answers = usual
    },
  )
})

test.each([
  ['TC_B_42', 'Accepted'],
  ['TC_B_44', 'Failed'],
])('%s: a new network profile that leads to this depot leaves, and is %s', async (_case, status) => {
  const connectionData = {
    ...{ ocppVersion: 'OCPP20', ocppTransport: 'JSON', ocppInterface: 'Wired0' },
    ...{ messageTimeout: 30, securityProfile: 1, ocppCsmsUrl: `${depot.edge.ocppAddress}/ocpp/X` },
  }
  station.answers = { ...station.answers, SetNetworkProfile: { status } }
  expect(await ask('SetNetworkProfile', { configurationSlot: 2, connectionData })).toEqual({
    result: { status },
  })
})

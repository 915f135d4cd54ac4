import { MessagesView } from '@busbar/contracts/lan-api/messages.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { TestDepot } from './test-depot.ts'

describe('the OCPP message log of a depot', () => {
  let test: TestDepot
  afterEach(() => test.stop())

  /** Frames reach the disk a moment after they passed. */
  async function messages(query: string): Promise<MessagesView['messages']> {
    await test.pass(seconds(2))
    const answer = await fetch(`${test.edge.httpAddress}/api/v1/messages?${query}`)
    return MessagesView.parse(await answer.json()).messages
  }

  it('tells both ways of each conversation, across a restart, and no key', { timeout: 60_000 }, async () => {
    test = await TestDepot.start({
      ...{ gridA: 100, otherA: 20, feeders: [{ id: 'f1', ratingA: 63 }] },
      ...{ stations: [{ id: 'A', feeder: 'f1' }], vehicles: ['v1'] },
    })
    await test.until('the station is reconciled', () => test.edge.control.depot.ready, minutes(2))
    const boots = await messages('station=A&action=BootNotification')
    expect(boots.map(({ direction, kind }) => [direction, kind])).toEqual([
      ['out', 'result'],
      ['in', 'call'],
    ])
    expect(boots[0]?.duration_ms).toBeGreaterThanOrEqual(0)

    const key = '00112233445566778899aabbccddeeff00112233'
    const command = { kind: 'set-variable', name: 'WifiPassword', value: key }
    const post = fetch(`${test.edge.httpAddress}/api/v1/stations/A/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(command),
    })
    await test.untilReally('the station was told', async () => {
      const told = await messages('action=ChangeConfiguration&direction=out')
      return told.length > 0
    })
    await post
    const [told] = await messages('action=ChangeConfiguration&direction=out')
    expect(told?.text).toContain('***')
    expect(await messages(`text=${key}`)).toEqual([])

    await test.restartEdge()
    await test.pass(seconds(30))
    expect((await messages('action=BootNotification&kind=call')).length).toBeGreaterThanOrEqual(1)
    expect((await messages('action=ChangeConfiguration')).length).toBeGreaterThanOrEqual(1)
  })
})

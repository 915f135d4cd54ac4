import { DepotLink, FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { expect, test } from 'vitest'
import { exampleFleet } from './example-fleet.ts'

test('the example fleet is what the cloud API may answer', () => {
  expect(FleetView.parse(exampleFleet())).toEqual(exampleFleet())
})

test('the example fleet has twelve depots and shows every state of a link', () => {
  const { depots } = exampleFleet()
  expect(depots).toHaveLength(12)
  expect(new Set(depots.map(({ link }) => link.state))).toEqual(new Set(DepotLink.shape.state.options))
})

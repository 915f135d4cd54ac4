import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { expect, test } from 'vitest'
import { cloudLinkContract } from './cloud-link.contract.ts'
import { createNoCloudLink } from './cloud-link.none.ts'

cloudLinkContract('no cloud link', () => createNoCloudLink(new FakeClock()))

test('a depot that stands alone says so and owes nothing', () => {
  const link = createNoCloudLink(new FakeClock())
  expect(link.state()).toMatchObject({ state: 'none', unsent: 0, reason: null })
})

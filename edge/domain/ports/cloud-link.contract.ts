import { describe, expect, test } from 'vitest'
import type { CloudLink } from './cloud-link.ts'

const behaviours: Readonly<Record<string, (link: CloudLink) => Promise<void>>> = {
  'it tells a state before it is started': async (link) => {
    const { acked, unsent, since, oldestUnsentAt } = link.state()
    expect({ acked, unsent, oldestUnsentAt }).toEqual({ acked: 0, unsent: 0, oldestUnsentAt: null })
    expect(since).toBeGreaterThan(0)
  },

  'starting does not wait for the cloud': async (link) => {
    await link.start()
    expect(['none', 'connecting', 'offline']).toContain(link.state().state)
  },

  'starting twice is starting once': async (link) => {
    await link.start()
    await link.start()
  },

  'a picture can be given at any time': async (link) => {
    link.publishState({}, true)
    await link.start()
    link.publishState({}, false)
    await link.stop()
    link.publishState({}, true)
  },

  'it stops when it was never started, and twice': async (link) => {
    await link.stop()
    await link.stop()
  },
}

/** What every CloudLink does while no cloud can be reached. */
export function cloudLinkContract(name: string, create: () => CloudLink): void {
  describe(`${name} as a CloudLink`, () => {
    for (const [behaviour, check] of Object.entries(behaviours))
      test(behaviour, async () => {
        const link = create()
        await check(link)
        await link.stop()
      })
  })
}

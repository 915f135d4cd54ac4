import { createHash } from 'node:crypto'
import { as } from '@busbar/model/ids.ts'
import { expect, test } from 'vitest'
import { batch, connected } from './contract-facts.ts'
import { PROJECTIONS } from './contract-projections.ts'
import { factLogContract } from './fact-log.contract.ts'
import { projectionsContract } from './projections.contract.ts'
import { createMemoryStore } from './projections.memory.ts'

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const create = () => createMemoryStore({ epoch: as('01a2'), hash, projections: PROJECTIONS })
const open = async () => ({ ...create(), close: async () => undefined })

factLogContract('the memory store', open)
projectionsContract('the memory store', open)

test('a stalled disk holds appends back and lets them go in order', async () => {
  const { factLog } = create()
  factLog.stall()
  const appends = [factLog.append(batch(connected('A-01', 1))), factLog.append(batch(connected('A-02', 2)))]
  expect((await factLog.head()).seq).toBe(0)
  factLog.resume()
  expect(await Promise.all(appends)).toEqual([1, 2])
})

test('a failed disk refuses appends until it is back', async () => {
  const { factLog } = create()
  factLog.fail('disk full')
  await expect(factLog.append(batch(connected('A-01', 1)))).rejects.toMatchObject({ code: 'store.failed' })
  factLog.fail(null)
  expect(await factLog.append(batch(connected('A-01', 1)))).toBe(1)
})

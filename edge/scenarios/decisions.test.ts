import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DecisionsView, WhyHistoryView, WhyView } from '@busbar/contracts/lan-api/why.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { replay } from '../domain/load-balancing/decision-record.ts'
import { recordFrom } from '../domain/load-balancing/record-text.ts'
import { TestDepot } from './test-depot.ts'

const STATIONS = ['A1', 'A2', 'A3', 'A4'].map((id) => ({ id, feeder: 'hall' }))
const run = promisify(execFile)
const COMMAND = new URL('../composition/balance-command.ts', import.meta.url).pathname
let depot: TestDepot
/** Rows that were named although a step more would have fitted, and how often one was named at all. */
const untrue: string[] = []
let named = 0
let folder: string

const get = async (path: string): Promise<string> => {
  const answer = await fetch(`${depot.edge.httpAddress}/api/v1${path}`)
  expect(answer.status, path).toBe(200)
  return answer.text()
}
const put = (path: string, body: object) =>
  fetch(`${depot.edge.httpAddress}/api/v1${path}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const records = async (): Promise<readonly string[]> => {
  const { decisions } = DecisionsView.parse(JSON.parse(await get('/decisions?limit=1000')))
  return Promise.all(decisions.map(({ id }) => get(`/decisions/${id}`)))
}

/** Looks at every EVSE's reason once a second. */
function look(): void {
  for (const { key } of depot.edge.control.decision().snapshot.evses) {
    const why = depot.edge.control.why(key)
    if (why?.code !== 'row-full') continue
    named++
    const { row } = why
    const tight =
      row !== null && row.used + row.step > row.limit && row.row === depot.evse(why.station).binding_row
    if (!tight) untrue.push(`${why.at} ${why.sentence}`)
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-decisions-'))
  depot = await TestDepot.start({
    stations: [...STATIONS, { id: 'C1', feeder: 'dc', dcKw: 60 }],
    feeders: [
      { id: 'hall', ratingA: 63 },
      { id: 'dc', ratingA: 125 },
    ],
    gridA: 200,
    otherA: 60,
    vehicles: ['A1', 'A2', 'A3', 'A4', 'C1'].map((id) => `bus-${id}`),
  })
  await depot.until('the start-up is over', () => depot.live().startup.length === 0)
  for (const { id } of STATIONS) {
    depot.plugIn(id, `bus-${id}`)
    await depot.pass(seconds(20), look)
  }
  depot.plugIn('C1', 'bus-C1')
  await depot.pass(minutes(2), look)
  await put('/circuits/hall/operating-limit', { limit_a: 40, reason: 'the cable is warm' })
  await depot.pass(minutes(1), look)
  await put('/evses/A1/1/override', { how: 'pause', until: soon(5), reason: 'washing' })
  await depot.pass(minutes(2), look)
  await depot.cut('A2')
  await depot.pass(minutes(1), look)
}, 120_000)
afterAll(async () => {
  await depot?.stop()
  await rm(folder, { recursive: true, force: true })
})
const soon = (min: number): string => new Date(depot.clock.now() + min * 60_000).toISOString()

describe('why, as the API tells it', () => {
  test('names only rows on which a step more for that EVSE alone would not have fitted, in every second', () => {
    expect(untrue).toEqual([])
    expect(named).toBeGreaterThan(300)
  })

  test('names the row that is full, with figures that add up, and what would free it', async () => {
    const why = WhyView.parse(JSON.parse(await get('/evses/A3/1/why')))
    if (why.row === null) throw new RangeError(`${why.sentence} names no row`)
    const { building, others, own, used, limit, step, name } = why.row
    expect(building + others + own).toBeCloseTo(used, 2)
    expect(used + step).toBeGreaterThan(limit)
    expect(why.sentence).toContain(name)
    expect(why.frees).not.toBeNull()
  })

  test('is kept for a day, so that the evening can be told again', async () => {
    const { reasons } = WhyHistoryView.parse(JSON.parse(await get('/evses/A1/1/why/history?limit=1000')))
    const codes = reasons.map(({ code }) => code)
    for (const code of ['free', 'rating', 'row-full', 'paused-by-hand']) expect(codes).toContain(code)
    expect(reasons.map(({ at }) => Date.parse(at))).toEqual(
      reasons.map(({ at }) => Date.parse(at)).sort((a, b) => b - a),
    )
  })
})

describe('decisions of an evening, as the depot recorded them', () => {
  test('replay to the same shares and limits, every one', async () => {
    const all = (await records()).map(recordFrom)
    expect(all.length).toBeGreaterThan(9)
    expect(all.some(({ snapshot }) => snapshot.rows.some(({ id }) => id === 'hall/operating-l1'))).toBe(true)
    expect(all.some(({ moves }) => moves.some(({ kind }) => kind === 'raise'))).toBe(true)
    for (const record of all) expect(replay(record).differences, record.at).toEqual([])
  })

  test('say the limits that were sent, and outlive a restart', async () => {
    const before = await records()
    await depot.restartEdge()
    expect(await records()).toEqual(before)
    const sent = before
      .map(recordFrom)
      .flatMap(({ moves }) => moves.map(({ key, level }) => `${key} ${level}`))
    expect(sent).toContain('A1/1 0')
  })

  test('are explained offline by the command, which fails when they replay to something else', async () => {
    const [text = ''] = await records()
    const file = join(folder, 'decision.json')
    await writeFile(file, text)
    const { stdout } = await run(process.execPath, [COMMAND, '--snapshot', file])
    expect(stdout).toContain('Made again, it gives the recorded shares and limits.')
    expect(stdout).toMatch(
      /A3\s+[\d.]+ A\s+hall\/operating-l1\s+Gets [\d.]+ A: The operating limit of hall, L1/,
    )
    expect(stdout).toMatch(/hall\/l1\s+[\d.]+ of 62\.0 A, at most [\d.]+/)
    const record = JSON.parse(text)
    const [[key, level, bound], ...rest] = record.shares
    await writeFile(file, JSON.stringify({ ...record, shares: [[key, level + 1000, bound], ...rest] }))
    const failed = await run(process.execPath, [COMMAND, '--snapshot', file]).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('gives something else') })
  })
})

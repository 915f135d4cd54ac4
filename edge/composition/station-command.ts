import { parseArgs } from 'node:util'
import {
  ConformanceAnswer,
  ConformancePreview,
  ConformanceView,
} from '@busbar/contracts/lan-api/conformance.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { seconds } from '@busbar/units/time.ts'
import { HostClock } from '../adapters/host/host-clock.ts'

const USAGE = `npm run station -- preview|test|follow|result|profile|cancel STATION [--evse 1] [--skip STEP]… [--vehicle-charges] [--api http://127.0.0.1:8080] [--token TOKEN]
  test     needs --vehicle-charges: somebody has seen that a vehicle charges there; it then tells what is found
  profile  prints the findings as a station profile`

/** Time between two looks at a run. */
const LOOK = seconds(1)
const clock = new HostClock()
const wait = () =>
  new Promise<void>((resolve) => {
    clock.timer(LOOK, resolve)
  })

interface Asked {
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
  readonly evse: number
  readonly skip: readonly string[]
  readonly vehicleCharges: boolean
}

const ACTIONS: Readonly<Record<string, (asked: Asked) => Promise<void>>> = {
  preview: async (asked) => {
    const preview = ConformancePreview.parse(await call(asked, 'POST', '/preview'))
    if (preview.refused !== null) say(`It would be refused: ${preview.refused}`)
    const counts = preview.counts_at_a === null ? `${preview.counts_at_w} W` : `${preview.counts_at_a} A`
    say(
      `It counts at ${counts} for at most ${Math.ceil(preview.at_most_s / 60)} min; meter: ${preview.meter ?? 'none'}`,
    )
    for (const { step, does, at_most_s: takes } of preview.steps)
      say(`${step.padEnd(10)} ${takes} s  ${does}`)
  },
  test: async (asked) => {
    const { status, reason } = ConformanceAnswer.parse(await call(asked, 'POST', ''))
    if (status === 'rejected') throw new DepotError('station.refused', reason ?? 'refused')
    await follow(asked)
  },
  follow,
  result: async (asked) => say(JSON.stringify((await resultOf(asked)) ?? 'not tested', null, 2)),
  profile: async (asked) => say(JSON.stringify((await resultOf(asked))?.suggested_profile ?? {}, null, 2)),
  cancel: async (asked) => {
    await call(asked, 'DELETE', '')
    say('It ends.')
  },
}

/** Tells each finding as it comes, until the run is over. */
async function follow(asked: Asked): Promise<void> {
  for (let told = 0; ; await wait()) {
    const view = ConformanceView.parse(await call(asked, 'GET', ''))
    const evse = view.evses.find(({ evse: number }) => number === asked.evse)
    const findings = view.run?.done ?? evse?.result?.steps ?? []
    for (const { step, result, text } of findings.slice(told))
      say(`${step.padEnd(10)} ${result.padEnd(11)} ${text}`)
    told = findings.length
    if (view.run !== null) continue
    for (const { key, value } of evse?.result?.quirks ?? []) say(`quirk ${key} = ${JSON.stringify(value)}`)
    if (evse?.aborted != null) throw new DepotError('station.aborted', evse.aborted)
    return
  }
}

async function resultOf(asked: Asked) {
  const view = ConformanceView.parse(await call(asked, 'GET', ''))
  return view.evses.find(({ evse }) => evse === asked.evse)?.result ?? null
}

async function call(
  { base, headers, ...of }: Asked,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
): Promise<unknown> {
  const request = { evse: of.evse, vehicle_charges: of.vehicleCharges, skip: of.skip }
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(method === 'POST' ? { body: JSON.stringify(request) } : {}),
  })
  const text = await answer.text()
  if (!answer.ok) throw new DepotError('station.refused', text)
  return text === '' ? null : JSON.parse(text)
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ api: text, token: text, evse: text },
      skip: { ...text, multiple: true },
      'vehicle-charges': { type: 'boolean' },
    },
  })
  const [action, station] = positionals
  const act = ACTIONS[action ?? '']
  const evse = Number(values.evse ?? '1')
  if (act === undefined || station === undefined || !Number.isInteger(evse))
    throw new DepotError('station.arguments', USAGE)
  await act({
    base: `${values.api ?? 'http://127.0.0.1:8080'}/api/v1/stations/${encodeURIComponent(station)}/conformance`,
    headers: values.token === undefined ? {} : { authorization: `Bearer ${values.token}` },
    evse,
    skip: values.skip ?? [],
    vehicleCharges: values['vehicle-charges'] ?? false,
  })
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
})

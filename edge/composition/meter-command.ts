import { parseArgs } from 'node:util'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { as, type MeterId } from '@busbar/model/ids.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { milliseconds } from '@busbar/units/time.ts'
import { chance, HostClock } from '../adapters/host/host-clock.ts'
import type { Endpoint } from '../adapters/modbus/endpoint.ts'
import { probeMeter } from '../adapters/modbus/probe-meter.ts'
import type { MeterInspection } from '../domain/site/trust/inspection.ts'
import { loadMeterProfiles } from '../profiles/load-meter-profiles.ts'
import type { MeterProfile } from '../profiles/meter-profile.ts'

const USAGE = `npm run meter -- profiles
npm run meter -- read --profile ID (--host HOST [--port 502] [--rtu-over-tcp] | --serial DEVICE [--baud 9600]) [--unit 1] [--offset 0]
npm run meter -- list|registers|report|test [--api http://127.0.0.1:8080] [--token TOKEN] [--meter ID] [--station ID]`

/** What no true reading exceeds is not known before there is a configuration. */
const ANY_CIRCUIT = { nominalV: volts(230), maxA: amps(10_000), maxW: watts(10_000_000) }
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

interface Options {
  readonly profile?: string
  readonly host?: string
  readonly port?: string
  readonly serial?: string
  readonly baud?: string
  readonly unit?: string
  readonly offset?: string
  readonly api?: string
  readonly token?: string
  readonly meter?: string
  readonly station?: string
  readonly 'rtu-over-tcp'?: boolean
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ profile: text, host: text, port: text, serial: text, baud: text, unit: text, offset: text },
      ...{ api: text, token: text, meter: text, station: text },
      'rtu-over-tcp': { type: 'boolean' },
    },
  })
  const [action] = positionals
  if (action === 'profiles') return listProfiles()
  if (action === 'read') return read(values)
  if (action === undefined || !ASKED.has(action)) throw new DepotError('meter.arguments', USAGE)
  await ask(action, values)
}

async function listProfiles(): Promise<void> {
  for (const { id, vendor, models, verified } of (await loadMeterProfiles()).values())
    say(`${id.padEnd(34)} ${vendor}: ${models.join(', ')} (${verified})`)
}

/** Reads a device by a map, before there is a configuration. */
async function read(options: Options): Promise<void> {
  const profiles = await loadMeterProfiles()
  const profile = profiles.get(options.profile ?? '')
  if (profile === undefined)
    throw new DepotError('meter.arguments', `--profile: one of ${[...profiles.keys()].join(', ')}`)
  const found = await probeMeter(
    {
      id: as<MeterId>('probe'),
      profile,
      endpoint: endpointOf(options, profile),
      unit: numberOf('unit', options.unit ?? '1'),
      poll: milliseconds(10_000),
      plausible: ANY_CIRCUIT,
      invert: false,
      ...(options.offset !== undefined && {
        override: { addressOffset: numberOf('offset', options.offset) },
      }),
    },
    { clock: new HostClock(), random: chance, log: silent },
  )
  if ('failed' in found) throw new DepotError('meter.unread', `${found.failed}: ${found.reason}`)
  show(found)
}

function endpointOf(options: Options, { serial }: MeterProfile): Endpoint {
  const { host, port, baud, 'rtu-over-tcp': overTcp } = options
  if (host !== undefined)
    return { kind: overTcp ? 'rtu-tcp' : 'tcp', host, port: numberOf('port', port ?? '502') }
  if (options.serial === undefined) throw new DepotError('meter.arguments', USAGE)
  return {
    kind: 'rtu',
    device: options.serial,
    baud: baud === undefined ? (serial?.baud ?? 9600) : numberOf('baud', baud),
    parity: serial?.parity ?? 'none',
    stopBits: serial?.stopBits ?? 1,
  }
}

function show({ serial, offset, offsets, decoded }: MeterInspection): void {
  say(`serial number ${serial ?? 'not told'}; offset ${offset}`)
  for (const { offset: tried, passes } of offsets)
    say(`offset ${tried}: ${passes ? 'plausible' : 'not plausible'}`)
  for (const { name, addr, words, value, unit } of decoded) {
    const hex = words.map((word) => word.toString(16).padStart(4, '0')).join(' ')
    say(`${name.padEnd(10)} ${String(addr).padStart(6)}  ${hex.padEnd(20)} ${value ?? 'no value'} ${unit}`)
  }
}

const ASKED = new Set(['list', 'registers', 'report', 'test'])

/** Asks a running depot. */
async function ask(action: string, { api, token, meter, station }: Options): Promise<void> {
  const base = `${api ?? 'http://127.0.0.1:8080'}/api/v1/meters`
  const path = action === 'list' ? '' : `/${meter ?? ''}/${action === 'test' ? 'self-test' : action}`
  const answer = await fetch(`${base}${path}`, {
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(action === 'test' && { method: 'POST', body: JSON.stringify({ station }) }),
  })
  say(JSON.stringify(await answer.json(), null, 2))
  if (!answer.ok) process.exitCode = 1
}

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value)) throw new DepotError('meter.arguments', `--${name}: a whole number`)
  return value
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
})

import type { StationId } from '@busbar/model/ids.ts'
import { firmwareImages } from '../../domain/file-records.ts'
import type { AddressUse } from '../../domain/ports/station-files.ts'
import type { Depot } from '../depot.ts'

type Payload = Readonly<Record<string, unknown>>
interface Asked {
  readonly station: StationId
  readonly action: string
  readonly payload: Payload
}

/** Requests by which a station sends something out. */
const UPLOADS = new Set(['GetDiagnostics', 'GetLog'])
/** Members that are addresses whatever stands in them. */
const ADDRESSES = new Set(['location', 'remoteLocation', 'ocppCsmsUrl'])
const ABSOLUTE = /^\s*[a-z][a-z0-9+.-]*:\/\//i
/** What stands for an address that is made here. */
const OURS = /^busbar:(?:(inbox)|firmware\/(.+))$/
const DAY_MS = 86_400_000

/** Why a person's own request may not go out: an address in it leads to nobody we know, or tells a secret. */
export function addressFault(depot: Depot, { station, action, payload }: Asked): string | null {
  for (const { name, text } of textsIn('', payload)) {
    if (OURS.test(text) || !(ADDRESSES.has(name) || ABSOLUTE.test(text))) continue
    const url = URL.parse(text.trim())
    if (url !== null && (url.username !== '' || url.password !== ''))
      return `${name}: an address with credentials in it is sent to no station`
    if (depot.files?.allows({ station, url: text.trim(), use: useOf(action, name, url) }) !== true)
      return UPLOADS.has(action)
        ? `${name}: stations leave files here and nowhere else; say busbar:inbox`
        : `${name}: neither an address of this depot nor of a host that depot.yaml lists; say busbar:firmware/IMAGE`
  }
  return null
}

function useOf(action: string, name: string, url: URL | null): AddressUse {
  if (UPLOADS.has(action)) return 'upload'
  return name === 'ocppCsmsUrl' || /^wss?:$/.test(url?.protocol ?? '') ? 'csms' : 'download'
}

/** The payload with addresses made for what stands for them, or why there is none. */
export async function withAddresses(
  depot: Depot,
  asked: Asked,
): Promise<{ readonly payload: Payload } | { readonly refused: string }> {
  const wanted = [...textsIn('', asked.payload)].filter(({ text }) => OURS.test(text))
  const made = new Map<string, string>()
  for (const { text } of wanted) {
    const address = await addressFor(depot, asked, text)
    if ('refused' in address) return address
    made.set(text, address.url)
  }
  return { payload: replaced(asked.payload, made) as Payload }
}

async function addressFor(depot: Depot, { station, action, payload }: Asked, text: string) {
  const [, inbox, name = ''] = OURS.exec(text) ?? []
  const request = typeof payload.requestId === 'number' ? payload.requestId : 0
  if (depot.files === null) return { refused: 'this depot takes and gives no files' }
  if (inbox !== undefined) {
    const log = payload.logType === 'SecurityLog' ? 'SecurityLog' : 'DiagnosticsLog'
    if (UPLOADS.has(action)) return depot.files.inboxFor({ station, log, request })
    return { refused: `${action} leaves no file` }
  }
  const image = depot.memory.table(firmwareImages).get(name)
  if (image === undefined) return { refused: `there is no firmware image ${name}` }
  return depot.files.shelfFor({ station, image, request, withinMs: DAY_MS })
}

function* textsIn(name: string, value: unknown): Generator<{ readonly name: string; readonly text: string }> {
  if (typeof value === 'string') yield { name, text: value }
  else if (Array.isArray(value)) for (const each of value) yield* textsIn(name, each)
  else if (typeof value === 'object' && value !== null)
    for (const [member, each] of Object.entries(value)) yield* textsIn(member, each)
}

function replaced(value: unknown, made: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return made.get(value) ?? value
  if (Array.isArray(value)) return value.map((each) => replaced(each, made))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, made)]))
}

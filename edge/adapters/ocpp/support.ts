import { writeFileSync } from 'node:fs'
import { HANDLED } from './quirks/handled.ts'
import type { V16Context } from './v16/context.ts'
import { OUTBOUND } from './v16/raw.ts'
import { routes as routes16 } from './v16/routes.ts'
import type { V201Context } from './v201/context.ts'
import { V21, V201 } from './v201/dialect.ts'
import { outboundOf } from './v201/raw.ts'
import { routes21, routes as routes201 } from './v201/routes.ts'

interface Version {
  readonly name: string
  readonly heard: readonly string[]
  /** Heard, and answered only once it is stored. */
  readonly receipts: ReadonlySet<string>
  readonly said: readonly string[]
}

/** Handlers are only made here, never called, so nothing they need is there. */
const noContext = {}

function versions(): Version[] {
  const v16 = routes16(noContext as V16Context)
  const v201 = routes201(noContext as V201Context)
  const v21 = routes21(noContext as V201Context)
  const receiptsOf = (routes: typeof v16) =>
    new Set([...routes].filter(([, { receipt }]) => receipt).map(([action]) => action))
  return [
    { name: 'OCPP 1.6', heard: [...v16.keys()], receipts: receiptsOf(v16), said: OUTBOUND },
    { name: 'OCPP 2.0.1', heard: [...v201.keys()], receipts: receiptsOf(v201), said: outboundOf(V201) },
    { name: 'OCPP 2.1', heard: [...v21.keys()], receipts: receiptsOf(v21), said: outboundOf(V21) },
  ]
}

const table = ({ name, heard, receipts, said }: Version): string => {
  const rows = [...new Set([...heard, ...said])].sort().map((action) => {
    const from = heard.includes(action)
      ? receipts.has(action)
        ? 'heard, stored before it is answered'
        : 'heard'
      : ''
    return `| ${action} | ${from} | ${said.includes(action) ? 'said' : ''} |`
  })
  return `## ${name}: ${rows.length} messages\n\n| Message | From the station | From the depot |\n|---|---|---|\n${rows.join('\n')}\n`
}

const quirkTable = (): string => {
  const rows = Object.entries(HANDLED)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { how }]) => `| \`${key}\` | ${how} |`)
  const head = `## Quirks of stations: ${rows.length}\n\nWhat a station profile can say of a model, and what is done then.`
  return `${head}\n\n| Quirk | What is done |\n|---|---|\n${rows.join('\n')}\n`
}

/** The page of what is supported, from the route tables and the requests that exist. */
export const supportPage = (): string =>
  [
    '# Supported messages',
    'Made by `node edge/adapters/ocpp/support.ts` from the route tables; a test keeps it so. Any other message of the',
    'version is answered `NotSupported`, and what is no message of it `NotImplemented`. What the depot says can be said',
    'through the API as well, each with the name of the message: `POST /api/v1/stations/{station}/ocpp/{action}`.',
    '',
    ...versions().map(table),
    quirkTable(),
  ].join('\n')

export const SUPPORT_PAGE = new URL('SUPPORT.md', import.meta.url)

if (import.meta.main) writeFileSync(SUPPORT_PAGE, supportPage())

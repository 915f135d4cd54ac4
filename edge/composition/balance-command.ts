import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { type ExplainedRecord, explainRecord } from '../domain/load-balancing/explain-record.ts'
import { recordFrom } from '../domain/load-balancing/record-text.ts'

const USAGE = 'npm run balance -- --snapshot FILE [--json]'

/** Explains a recorded decision without a depot, and fails when making it again gives another result. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { snapshot: { type: 'string' }, json: { type: 'boolean' } } })
  if (values.snapshot === undefined) throw new DepotError('balance.arguments', USAGE)
  const record = recordFrom(await readFile(values.snapshot, 'utf8'))
  const explained = explainRecord(record)
  if (values.json) say(JSON.stringify({ at: record.at, ...explained }, null, 2))
  else show(record.at, explained)
  if (explained.differences.length > 0) process.exitCode = 1
}

function show(at: string, { evses, rows, differences }: ExplainedRecord): void {
  say(`Decision of ${at}\n`)
  const [label, limit, row] = (['label', 'limit', 'row'] as const).map((part) =>
    Math.max(...evses.map((evse) => (evse[part] ?? '-').length), part.length),
  )
  for (const evse of evses)
    say(
      `${evse.label.padEnd(label ?? 0)}  ${evse.limit.padStart(limit ?? 0)}  ${(evse.row ?? '-').padEnd(row ?? 0)}  ${evse.sentence}`,
    )
  say('\nRows: with every EVSE at its share, the limit, and with every EVSE at the most it may draw')
  const id = Math.max(...rows.map((each) => each.id.length))
  for (const each of rows)
    say(
      `${each.id.padEnd(id)}  ${each.used.toFixed(1).padStart(9)} of ${each.limit.toFixed(1)} ${each.unit}, at most ${each.worst.toFixed(1)}`,
    )
  say(
    differences.length === 0
      ? '\nMade again, it gives the recorded shares and limits.'
      : `\nMade again, it gives something else:\n${differences.join('\n')}`,
  )
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
})

import { ByteReader, ByteWriter, packed, unpacked } from './bytes.ts'
import type { Values } from './quantities.ts'

/** One sample; numbers in steps of their quantity's precision. */
export interface Sample extends Values {
  /** ms since 1970, whole. */
  readonly at: number
  readonly transaction: string | null
}

/** Names by small numbers and back. */
export interface Names {
  idOf(name: string): number
  nameOf(id: number): string
}

/** Samples as columns of differences, deflated. */
export function packChunk(samples: readonly Sample[], names: Names): Buffer {
  const out = new ByteWriter()
  out.unsigned(samples.length)
  writeColumn(
    out,
    samples.map(({ at }) => at),
  )
  const quantities = new Set(samples.flatMap(({ numbers }) => [...numbers.keys()]))
  out.unsigned(quantities.size)
  for (const quantity of quantities) {
    const column = samples.map(({ numbers }) => numbers.get(quantity))
    const there = column.filter((value) => value !== undefined)
    out.unsigned(names.idOf(quantity))
    if (there.length === column.length) out.unsigned(0)
    else {
      out.unsigned(1)
      out.blob(Uint8Array.from(column, (value) => (value === undefined ? 0 : 1)))
    }
    writeColumn(out, there)
  }
  const beside = samples.map(({ transaction, rest }) =>
    transaction === null && rest === null ? 0 : [transaction, rest],
  )
  out.text(beside.every((each) => each === 0) ? '' : JSON.stringify(beside))
  return packed(out.done())
}

export function unpackChunk(blob: Uint8Array, names: Names): readonly Sample[] {
  const read = new ByteReader(unpacked(blob))
  const count = read.unsigned()
  const times = readColumn(read, count)
  const numbers = times.map(() => new Map<string, number>())
  for (let left = read.unsigned(); left > 0; left--) {
    const name = names.nameOf(read.unsigned())
    const there = read.unsigned() === 0 ? null : read.blob()
    const rows = there === null ? numbers : numbers.filter((_, index) => there[index] === 1)
    const column = readColumn(read, rows.length)
    for (const [index, row] of rows.entries()) row.set(name, column[index] ?? 0)
  }
  const text = read.text()
  const beside: readonly unknown[] = text === '' ? [] : JSON.parse(text)
  return times.map((at, index) => {
    const [transaction, rest] = (beside[index] || [null, null]) as [string | null, Values['rest']]
    return { at, transaction, rest, numbers: numbers[index] ?? new Map() }
  })
}

function writeColumn(out: ByteWriter, values: readonly number[]): void {
  let before = 0
  for (const value of values) {
    out.signed(value - before)
    before = value
  }
}

function readColumn(read: ByteReader, count: number): number[] {
  const values: number[] = []
  let before = 0
  for (let index = 0; index < count; index++) {
    before += read.signed()
    values.push(before)
  }
  return values
}

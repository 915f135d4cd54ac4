import { type ByteReader, ByteWriter } from './bytes.ts'
import type { MinuteStat } from './minute-stats.ts'

/** The minutes of one quantity as columns of differences; the numbers of a normal minute come out small. */
export function writeStats(stats: readonly MinuteStat[], counter: boolean): Uint8Array {
  const out = new ByteWriter()
  out.unsigned(stats.length)
  const column = (value: (stat: MinuteStat, before: MinuteStat | undefined) => number) => {
    for (const [index, stat] of stats.entries()) out.signed(value(stat, stats[index - 1]))
  }
  column((stat, before) => stat.minute - (before?.minute ?? 0))
  column((stat) => stat.flags)
  column((stat) => stat.coveredMs - 60_000)
  if (counter) {
    column((stat, before) => stat.last - (before?.last ?? 0))
    column((stat) => stat.last - stat.first)
    column((stat, before) => stat.added - (stat.last - (before?.last ?? stat.first)))
  } else {
    column((stat, before) => stat.mean - (before?.mean ?? 0))
    column((stat) => stat.mean - stat.min)
    column((stat) => stat.max - stat.mean)
    column((stat) => stat.last - stat.mean)
  }
  return out.done()
}

export function readStats(read: ByteReader, counter: boolean): readonly MinuteStat[] {
  const indexes = Array.from({ length: read.unsigned() }, (_, index) => index)
  const column = () => indexes.map(() => read.signed())
  const summed = () => {
    let sum = 0
    return column().map((value) => (sum += value))
  }
  const minutes = summed()
  const flags = column()
  const covered = column()
  const base = summed()
  const columns = [column(), column(), counter ? [] : column()] as const
  return indexes.map((index) => {
    const [at, one = 0, two = 0, three = 0] = [base[index] ?? 0, ...columns.map((each) => each[index])]
    const common = {
      minute: minutes[index] ?? 0,
      flags: flags[index] ?? 0,
      coveredMs: (covered[index] ?? 0) + 60_000,
    }
    if (!counter)
      return { ...common, min: at - one, mean: at, max: at + two, last: at + three, first: 0, added: 0 }
    const before = index === 0 ? at - one : (base[index - 1] ?? 0)
    return { ...common, min: 0, mean: 0, max: 0, last: at, first: at - one, added: two + (at - before) }
  })
}

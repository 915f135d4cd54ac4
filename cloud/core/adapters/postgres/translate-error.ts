import { DepotError, messageOf } from '@busbar/model/depot-error.ts'

/** SQLSTATE classes that speak of the data itself: data exception, integrity constraint. */
const OF_THE_RECORD = /^(22|23)/

/** Runs a query; what goes wrong becomes `store.record-refused` or `store.unavailable`. */
export async function translate<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query()
  } catch (cause) {
    if (cause instanceof DepotError) throw cause
    const state = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const code = OF_THE_RECORD.test(state) ? 'store.record-refused' : 'store.unavailable'
    throw new DepotError(code, `database: ${messageOf(cause)}`, { cause })
  }
}

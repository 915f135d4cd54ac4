import { useSyncExternalStore } from 'react'
import type { LiveState, LiveStore, Timed } from './live-store.ts'

/** The newest picture of a live store and the state of its link. */
export const useLive = <T extends Timed>(store: LiveStore<T>): LiveState<T> =>
  useSyncExternalStore(store.subscribe, store.state)

import { createContext, useContext, useSyncExternalStore } from 'react'

/** Gives the server's time to everything that shows an age; never the browser's clock. */
export const NowContext = createContext<() => number>(() => 0)

const STEP = 500
const listeners = new Set<() => void>()
let beats = 0
let timer: ReturnType<typeof setInterval> | undefined

function beat(): void {
  beats += 1
  for (const listener of listeners) listener()
}

function onBeat(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(beat, STEP)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** The server's time in ms since 1970, read again twice a second. */
export function useNow(): number {
  const now = useContext(NowContext)
  useSyncExternalStore(onBeat, () => beats)
  return now()
}

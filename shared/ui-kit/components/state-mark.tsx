import type { ReactNode } from 'react'

/** What an EVSE is doing, as shown. */
export type ShownState =
  | 'available'
  | 'charging'
  | 'limited'
  | 'waiting'
  | 'ready'
  | 'faulted'
  | 'unavailable'
  | 'offline'
  | 'unknown'

const STATES: Record<ShownState, { word: string; shape: ReactNode }> = {
  available: { word: 'Free', shape: <circle cx="6" cy="6" r="4.6" /> },
  charging: { word: 'Charging', shape: <circle cx="6" cy="6" r="5.6" /> },
  limited: { word: 'Limited', shape: <path d="M0.4 1.4H11.6L6 11.2Z" /> },
  waiting: {
    word: 'Waiting',
    shape: (
      <>
        <circle cx="6" cy="6" r="4.6" />
        <path className="full" d="M6 1.4A4.6 4.6 0 0 0 6 10.6Z" />
      </>
    ),
  },
  ready: { word: 'Ready', shape: <path d="M1.2 6.4 4.6 9.8 10.8 2.4" /> },
  faulted: { word: 'Faulted', shape: <path d="M6 0.4 11.8 11.2H0.2Z" /> },
  unavailable: {
    word: 'Out of use',
    shape: <path d="M6 1.4A4.6 4.6 0 1 0 6 10.6 4.6 4.6 0 1 0 6 1.4M2.8 9.2 9.2 2.8" />,
  },
  offline: {
    word: 'Offline',
    shape: <path d="M6 0.8 11.2 6 6 11.2 0.8 6ZM3.2 6.6 6.6 3.2M5.4 8.8 8.8 5.4" strokeWidth="1.3" />,
  },
  unknown: { word: 'Unknown', shape: <circle cx="6" cy="6" r="4.6" strokeDasharray="2.2 1.9" /> },
}

const isShown = (state: string): state is ShownState => Object.hasOwn(STATES, state)

/** The state as this page knows it; any other word is unknown. */
export const shownState = (state: string): ShownState => (isShown(state) ? state : 'unknown')
/** The word for a state. */
export const stateWord = (state: string): string => STATES[shownState(state)].word

/** The shape of a state, with its word beside it or hidden but spoken. */
export function StateMark({ state, word = true }: { state: string; word?: boolean }) {
  const shown = shownState(state)
  return (
    <span className="state">
      <svg className={`glyph glyph-${shown}`} viewBox="0 0 12 12" aria-hidden="true">
        {STATES[shown].shape}
      </svg>
      <span className={word ? undefined : 'hidden-text'}>{STATES[shown].word}</span>
    </span>
  )
}

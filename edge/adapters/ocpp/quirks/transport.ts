import type { Handlings } from './quirk.ts'

/** The groups handshake, framing, liveness and validate: they are handled before a message is one. */
export const TRANSPORT_QUIRKS = {
  'handshake.assume-protocol': {
    how: 'A station that offers no sub-protocol is spoken to in this one; any other is turned away.',
  },
  'handshake.identity-from': {
    how: 'A station whose path does not name it is known by the user of its credentials.',
  },
  'handshake.user-case': { how: 'Capitals in the user of its credentials do not count.' },
  'handshake.password-encoding': { how: 'Its secret comes as hexadecimal digits instead of the bytes.' },
  'handshake.allow-origin': { how: 'It sends this Origin header; any other is refused as a browser.' },
  'framing.numeric-ids': { how: 'Numbers as message ids are answered as numbers, with every station.' },
  'framing.strip': { how: 'A byte order mark or NUL around a frame is taken off, with every station.' },
  'liveness.proof': {
    how: 'A station that never answers a ping, or answers it while it is stuck, is judged by its messages.',
  },
  'liveness.offline-grace-s': { how: 'Silence of this length is not taken for a dead link.' },
  'liveness.manual-restart-after-s': {
    how: 'When it has been away for so long, a warning says that a person has to restart it.',
  },
  'liveness.close': { how: 'At a stop of the depot its connection is dropped without a Close frame.' },
  'validate.max-length': {
    how: 'Longer texts than its standard allows are kept in full, with every station.',
  },
} as const satisfies Handlings

import { type Handlings, type Quirk, rejected } from './quirk.ts'

/** The tls group: which root a station believes. What a person has to do is told at the station's profile. */
export const TLS_QUIRKS = {
  'tls.pinned-root': {
    how: 'No root of the depot is sent to this station: it believes only the one in its firmware.',
    make: () => rootStays('this station believes only the root in its firmware'),
  },
  'tls.needs-ca-upload': {
    how: 'No root of the depot is sent to this station: a person has to upload it there.',
    make: () => rootStays('a person has to upload the root at this station'),
  },
} as const satisfies Handlings

const rootStays = (reason: string): Quirk => ({
  sends: (command, usual) =>
    command.kind === 'install-certificate' && command.use === 'CSMSRootCertificate'
      ? rejected(reason)
      : usual(command),
})

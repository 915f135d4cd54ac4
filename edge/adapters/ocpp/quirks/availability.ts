import { type Handlings, rejected } from './quirk.ts'

/** The availability group. */
export const AVAILABILITY_QUIRKS = {
  'availability.never-set': {
    how: 'This station is never told to change its availability: it would go silent.',
    make: () => ({
      sends: (command, usual) =>
        command.kind === 'set-availability' ||
        (command.kind === 'raw' && command.action === 'ChangeAvailability')
          ? rejected('changing its availability does harm at this station')
          : usual(command),
    }),
  },
} as const satisfies Handlings

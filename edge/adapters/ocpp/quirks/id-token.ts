import { as, type IdToken } from '@busbar/model/ids.ts'
import type { StationCommand } from '../../../domain/commands.ts'
import type { Input } from '../../../domain/inputs.ts'
import { fromKey } from './from-key.ts'
import { type Handlings, rejected } from './quirk.ts'

/** The id-token group: how a station tells who wants to charge. */
export const ID_TOKEN_QUIRKS = {
  'id-token.strip-suffix': {
    how: 'What this station adds to an id token, from the last of these signs on, is taken off.',
    make: (mark) => ({ means: (input) => withToken(input, (token) => beforeLast(token, mark)) }),
  },
  'id-token.max-length': {
    how: 'No longer id token is sent to this station, and a longer one in its stop counts as none.',
    make: (most) => ({
      means: (input) =>
        input.type === 'transaction-ended' && (input.idToken?.length ?? 0) > most
          ? { ...input, idToken: null }
          : input,
      sends: (command, usual) =>
        tokensOf(command).some((token) => token.length > most)
          ? rejected(`this station takes id tokens of ${most} characters at most`)
          : usual(command),
    }),
  },
  'id-token.from-key': {
    how: 'A start is asked for with the token in a key of this station, and booked on the one that was meant.',
    make: fromKey,
  },
} as const satisfies Handlings

const beforeLast = (token: IdToken, mark: string): IdToken => {
  const place = token.lastIndexOf(mark)
  return place > 0 ? as<IdToken>(token.slice(0, place)) : token
}

/** The input with the token of the driver told otherwise. */
function withToken(input: Input, told: (token: IdToken) => IdToken): Input {
  if (!('idToken' in input) || input.idToken === null) return input
  return { ...input, idToken: told(input.idToken) } as Input
}

function tokensOf(command: StationCommand): readonly string[] {
  if (command.kind === 'send-local-list') return command.entries.map(({ idToken }) => idToken)
  return 'idToken' in command ? [command.idToken] : []
}

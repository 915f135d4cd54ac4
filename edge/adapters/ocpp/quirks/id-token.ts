import { as, type IdToken } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import type { StationCommand } from '../../../domain/commands.ts'
import type { Input } from '../../../domain/inputs.ts'
import { type Handlings, type Quirk, rejected } from './quirk.ts'

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

function fromKey(key: string): Quirk {
  let own: IdToken | null = null
  let meant: IdToken | null = null
  return {
    booted({ ask }) {
      const options = { priority: 'poll', deadline: seconds(30) } as const
      void ask({ kind: 'get-variables', names: [key] }, options).then((answer) => {
        const value = answer.status === 'accepted' ? answer.variables?.[0]?.value : null
        if (value) own = as<IdToken>(value)
      })
    },
    sends(command, usual) {
      if (command.kind !== 'request-start' || own === null) return usual(command)
      meant = command.idToken
      return usual({ ...command, idToken: own })
    },
    means: (input) => withToken(input, (token) => (token === own && meant !== null ? meant : token)),
  }
}

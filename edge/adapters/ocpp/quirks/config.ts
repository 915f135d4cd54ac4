import type { StationAnswer, StationVariable } from '../../../domain/commands.ts'
import type { CommandOf } from '../status-answer.ts'
import { numberOf, objectsOf, plainWord, textOf } from '../tolerant.ts'
import { type Handlings, type Quirk, rejected } from './quirk.ts'

/** The config group: keys of a station's configuration, or its variables. Names are compared by their letters alone. */
export const CONFIG_QUIRKS = {
  'config.never-read': {
    how: 'These keys are never asked for, nor all of them at once; a request for others goes out without them.',
    make: (keys) => readOnly((name) => !within(keys, name), { all: null }),
  },
  'config.read-only-these': {
    how: 'Only these keys are ever asked for; a request for all of them asks for these by name.',
    make: (keys) => readOnly((name) => within(keys, name), { all: keys }),
  },
  'config.never-write': {
    how: 'These keys are never written.',
    make: (keys) => ({
      sends: (command, usual) =>
        writes(command).some((name) => within(keys, name))
          ? rejected('writing this key does harm at this station')
          : usual(command),
    }),
  },
  'config.alias': {
    how: 'A key is read and written under the name that this station has for it.',
    make: aliased,
  },
  'config.unit-factor': {
    how: 'A value is written and read in the unit of this station.',
    make: (factors) => ({
      sends: (command, usual) => {
        if (command.kind === 'set-variable') return usual(inItsUnit(command, factors))
        return command.kind === 'get-variables'
          ? usual(command).then((answer) => eachVariable(answer, (one) => [inOurUnit(one, factors)]))
          : usual(command)
      },
    }),
  },
  'config.secret-keys': {
    how: 'The values of these keys are masked before anything is kept of them, in the message log too.',
    make: (keys) => ({
      sends: (command, usual) =>
        command.kind === 'get-variables'
          ? usual(command).then((answer) =>
              eachVariable(answer, (one) => [within(keys, one.name) ? { ...one, value: null } : one]),
            )
          : usual(command),
    }),
  },
} as const satisfies Handlings

type Command = Parameters<NonNullable<Quirk['sends']>>[0]

const same = (a: string, b: string): boolean => plainWord(a) === plainWord(b)
const within = (keys: readonly string[], name: string): boolean => keys.some((key) => same(key, name))

/** The keys that an engineer's own request reads; `all` when it names none, null when it reads nothing. */
function rawReads(command: Command): readonly string[] | 'all' | null {
  if (command.kind !== 'raw' || command.action !== 'GetConfiguration') return null
  const { key } = command.payload
  return Array.isArray(key) && key.length > 0 ? key.map((one) => textOf(one) ?? '') : 'all'
}

function writes(command: Command): readonly string[] {
  if (command.kind === 'set-variable') return [command.name]
  if (command.kind !== 'raw' || command.action !== 'ChangeConfiguration') return []
  return objectsOf(command.payload).map(({ key }) => textOf(key) ?? '')
}

/** Asks for what may be read. `all`: what stands for a request without names; null: nothing does. */
function readOnly(mayRead: (name: string) => boolean, { all }: { all: readonly string[] | null }): Quirk {
  const harm = 'reading this key does harm at this station'
  return {
    sends(command, usual) {
      const raw = rawReads(command)
      if (raw !== null) return raw !== 'all' && raw.every(mayRead) ? usual(command) : rejected(harm)
      if (command.kind !== 'get-variables') return usual(command)
      const asked = command.names === 'all' ? all : command.names
      if (asked === null) return rejected('reading all keys does harm at this station')
      const names = asked.filter(mayRead)
      const unread = asked.filter((name) => !mayRead(name))
      if (names.length === 0) return rejected(harm)
      return usual({ ...command, names }).then((answer) =>
        answer.status === 'accepted' && unread.length > 0
          ? { ...answer, unknown: [...(answer.unknown ?? []), ...unread] }
          : answer,
      )
    },
  }
}

function aliased(aliases: Readonly<Record<string, string>>): Quirk {
  const pairs = Object.entries(aliases)
  const its = (name: string) => pairs.find(([ours]) => same(ours, name))?.[1] ?? name
  const ours = (name: string) => pairs.find(([, its]) => same(its, name))?.[0] ?? name
  return {
    sends(command, usual) {
      if (command.kind === 'set-variable') return usual({ ...command, name: its(command.name) })
      if (command.kind !== 'get-variables') return usual(command)
      const names = command.names === 'all' ? command.names : command.names.map(its)
      return usual({ ...command, names }).then((answer) => {
        const told = eachVariable(answer, (one) => [{ ...one, name: ours(one.name) }])
        return told.status === 'accepted' && told.unknown
          ? { ...told, unknown: told.unknown.map(ours) }
          : told
      })
    },
  }
}

/** The answer with each of its variables told otherwise. */
export const eachVariable = (
  answer: StationAnswer,
  told: (one: StationVariable) => readonly StationVariable[],
): StationAnswer =>
  answer.status === 'accepted' && answer.variables
    ? { ...answer, variables: answer.variables.flatMap(told) }
    : answer

type Factors = Readonly<Record<string, number>>

/** Station units for one of ours. */
const factorFor = (factors: Factors, name: string): number | null =>
  Object.entries(factors).find(([key]) => same(key, name))?.[1] ?? null

function inItsUnit(command: CommandOf<'set-variable'>, factors: Factors): CommandOf<'set-variable'> {
  const [factor, value] = [factorFor(factors, command.name), numberOf(command.value)]
  return factor === null || value === null
    ? command
    : { ...command, value: String(Math.floor(value * factor)) }
}

function inOurUnit(one: StationVariable, factors: Factors): StationVariable {
  const [factor, value] = [factorFor(factors, one.name), numberOf(one.value)]
  return factor === null || value === null ? one : { ...one, value: String(value / factor) }
}

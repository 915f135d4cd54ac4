import type { StationAnswer } from '../../../domain/commands.ts'
import type { CommandOf } from '../status-answer.ts'
import { plainWord } from '../tolerant.ts'
import { eachVariable } from './config.ts'
import { type Handlings, type Quirk, rejected, type Send } from './quirk.ts'

/** The measurands group: which values a station can be told to send. */
export const MEASURANDS_QUIRKS = {
  'measurands.fixed': {
    how: 'Whatever list of measurands is asked for, the one that this station can send is written.',
    make: (list) => lists((command, usual) => usual({ ...command, value: list.join(',') })),
  },
  'measurands.remove': {
    how: 'Measurands that this station gets wrong are left out of every list that is written.',
    make: (unwanted) =>
      lists((command, usual) => {
        const left = listed(command.value).filter((one) => !unwanted.some((other) => same(one, other)))
        return left.length === 0
          ? rejected('nothing is left of the list that this station could send')
          : usual({ ...command, value: left.join(',') })
      }),
  },
  'measurands.one-by-one': {
    how: 'A list of measurands is written one at a time; those that the station takes count.',
    make: () => lists(oneByOne),
  },
  'measurands.from-key': {
    how: 'What this station can send is read from a key of its own.',
    make: (key) => fromKey(key),
  },
  'measurands.read-only': {
    how: 'The list of measurands is never written.',
    make: () => lists(() => rejected('the measurands of this station are fixed')),
  },
} as const satisfies Handlings

const same = (a: string, b: string): boolean => plainWord(a) === plainWord(b)
const listed = (value: string): string[] =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

const LISTS = new Set(
  ['MeterValuesSampledData', 'MeterValuesAlignedData', 'StopTxnSampledData', 'StopTxnAlignedData'].map(
    plainWord,
  ),
)
/** The names of OCPP 2.0.1 all end alike. */
const isList = (name: string): boolean => LISTS.has(plainWord(name)) || /\.Tx\w*Measurands$/i.test(name)

/** Only lists of measurands are written otherwise. */
const lists = (
  write: (command: CommandOf<'set-variable'>, usual: Send) => Promise<StationAnswer>,
): Quirk => ({
  sends: (command, usual) =>
    command.kind === 'set-variable' && isList(command.name) ? write(command, usual) : usual(command),
})

async function oneByOne(command: CommandOf<'set-variable'>, usual: Send): Promise<StationAnswer> {
  let taken: StationAnswer | null = null
  let refused: StationAnswer | null = null
  for (const value of listed(command.value)) {
    const answer = await usual({ ...command, value })
    if (answer.status === 'accepted') taken = answer
    else if (answer.status === 'rejected') refused = answer
    else return answer
  }
  return taken ?? refused ?? rejected('no measurand is named')
}

/** A list that is asked for is read under the station's own name, and told under the one that was asked for. */
const fromKey = (key: string): Quirk => ({
  sends(command, usual) {
    if (command.kind !== 'get-variables' || command.names === 'all') return usual(command)
    const asked = command.names.find(isList)
    if (asked === undefined) return usual(command)
    const names = command.names.map((name) => (isList(name) ? key : name))
    return usual({ ...command, names: [...new Set(names)] }).then((answer) =>
      eachVariable(answer, (one) => [same(one.name, key) ? { ...one, name: asked } : one]),
    )
  },
})

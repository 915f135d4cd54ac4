import { type IdentityEntry, identityWords, type MeterProfile } from '../../profiles/meter-profile.ts'
import type { MeterSource } from './meter-source.ts'
import type { Block } from './plan-reads.ts'

/** What a device must say of itself, as one request each: some say it only when asked for it alone. */
export interface IdentityCheck {
  readonly block: Block
  readonly entry: IdentityEntry
}

/** The checks that hold for a meter; those of other models are left out. */
export const identityChecks = (
  profile: MeterProfile,
  { model }: Pick<MeterSource, 'model'>,
): IdentityCheck[] =>
  profile.identity
    .filter(({ models }) => models === undefined || (model !== undefined && models.includes(model)))
    .map((entry) => ({
      entry,
      block: {
        functionCode: entry.functionCode ?? profile.functionCode,
        addr: entry.addr,
        count: identityWords(entry),
      },
    }))

/** What the registers say: a text, or a number in decimal as it stands on the plate. */
export function saidBy(
  { entry }: IdentityCheck,
  words: readonly number[],
  wordOrder: MeterProfile['wordOrder'],
): string {
  if (entry.type === 'text') return textOf(words)
  return BigInt(
    `0x${hexOf(wordOrder === 'high-first' || entry.oneOf ? words : words.toReversed())}`,
  ).toString()
}

/** Why the registers do not fit what the profile says, or undefined. */
export function misfit({ entry }: IdentityCheck, words: readonly number[]): string | undefined {
  const { oneOf, type, meaning } = entry
  if (!oneOf) return undefined
  const said = type === 'text' ? textOf(words) : `0x${hexOf(words)}`
  const fits = oneOf.some((one) =>
    type === 'text' ? said.toLowerCase().startsWith(one.toLowerCase()) : said === one,
  )
  return fits ? undefined : `${meaning} is "${said}", expected ${oneOf.join(' or ')}`
}

const hexOf = (words: readonly number[]): string =>
  words.map((word) => word.toString(16).toUpperCase().padStart(4, '0')).join('')

/** Two letters a register, up to the first 0. */
export function textOf(words: readonly number[]): string {
  const letters = words.flatMap((word) => [word >> 8, word & 0xff])
  const end = letters.indexOf(0)
  return String.fromCharCode(...(end < 0 ? letters : letters.slice(0, end))).trim()
}

import { type MeterProfile, pointsOf, WORDS } from '../../profiles/meter-profile.ts'
import { encodeAbsent, encodeValue } from './encode-value.ts'
import { type MeterPicture, reported } from './meter-picture.ts'

/** Words by register, one table per function code; `values` names each value's first register and length. */
export interface RegisterImage {
  readonly words: ReadonlyMap<number, number>
  readonly values: readonly { readonly addr: number; readonly words: number }[]
}

export type RegisterImages = ReadonlyMap<number, RegisterImage>

const SERIAL_NUMBER = 1_234_567

/** What the meter's registers hold for a picture; `undefined` is a meter that has no value for anything. */
export function registerImages(profile: MeterProfile, picture: MeterPicture | undefined): RegisterImages {
  const values = picture && reported(picture, profile.signs)
  const entries = [
    ...pointsOf(profile).map((point) => ({
      functionCode: point.functionCode,
      addr: point.addr,
      words: values
        ? encodeValue(values[point.name] / point.scale, point.type, point.wordOrder)
        : encodeAbsent(profile, point),
    })),
    ...identityOf(profile),
  ]
  return new Map(
    [3, 4].map((functionCode) => [
      functionCode,
      imageOf(entries.filter((entry) => entry.functionCode === functionCode)),
    ]),
  )
}

interface Entry {
  readonly functionCode: number
  readonly addr: number
  readonly words: readonly number[]
}

const identityOf = (profile: MeterProfile): Entry[] =>
  profile.identity.map(({ addr, type, functionCode, oneOf }) => ({
    functionCode: functionCode ?? profile.functionCode,
    addr,
    words: encodeValue(
      Number(oneOf?.[0] ?? SERIAL_NUMBER % 2 ** (16 * WORDS[type])),
      type,
      profile.wordOrder,
    ),
  }))

const imageOf = (entries: readonly Entry[]): RegisterImage => ({
  words: new Map(
    entries.flatMap(({ addr, words }) => words.map((word, offset) => [addr + offset, word] as const)),
  ),
  values: entries.map(({ addr, words }) => ({ addr, words: words.length })),
})

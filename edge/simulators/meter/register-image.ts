import {
  type IdentityEntry,
  type MeterProfile,
  pointsOf,
  type ResolvedPoint,
  WORDS,
} from '../../profiles/meter-profile.ts'
import { encodeAbsent, encodeValue } from './encode-value.ts'
import { type MeterPicture, reported } from './meter-picture.ts'
import { letters, sunspecDevice } from './sunspec-image.ts'

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
  const registers = [
    ...pointsOf(profile).map((point) => ({
      functionCode: point.functionCode,
      addr: point.addr,
      words: values
        ? encodeValue(rawOf(profile, point, values[point.name]), point.type, point.wordOrder)
        : encodeAbsent(profile, point),
    })),
    ...factorsOf(profile).map(([addr, power]) => ({
      functionCode: profile.functionCode,
      addr,
      words: encodeValue(power, 'i16', 'high-first'),
    })),
    ...identityOf(profile),
  ]
  const [id] = profile.sunspec?.models ?? []
  const model =
    profile.sunspec && id !== undefined
      ? { id, length: profile.sunspec.length, serial: `VM-${SERIAL_NUMBER}` }
      : undefined
  const entries = model ? sunspecDevice(model, registers) : registers
  return new Map(
    [3, 4].map((functionCode) => [
      functionCode,
      imageOf(entries.filter((entry) => entry.functionCode === functionCode)),
    ]),
  )
}

/** What a virtual meter writes into its scale factors, so that a depot's values fit 16 bits. */
const POWER_OF_TEN: Readonly<Record<string, number>> = { V: -1, A: -2, W: 1, Hz: -2, Wh: 0, '1': -1 }

/** Register and power of ten of each scale factor. */
const factorsOf = (profile: MeterProfile): [number, number][] =>
  Object.entries(profile.scaleFactors ?? {}).map(([name, { addr }]) => {
    const unit = Object.values(profile.points).find(({ scaleFactor }) => scaleFactor === name)?.unit
    return [addr, POWER_OF_TEN[unit ?? ''] ?? 0]
  })

function rawOf(profile: MeterProfile, point: ResolvedPoint, value: number): number {
  const power = factorsOf(profile).find(([addr]) => addr === point.factorAddr)?.[1] ?? 0
  return value / point.scale / 10 ** power
}

interface Entry {
  readonly functionCode: number
  readonly addr: number
  readonly words: readonly number[]
}

/** What a device says of itself; a register it says only when asked for by itself is left out. */
const identityOf = (profile: MeterProfile): Entry[] =>
  profile.identity
    .filter(({ alone }) => !alone)
    .map((entry) => ({
      functionCode: entry.functionCode ?? profile.functionCode,
      addr: entry.addr,
      words: identityWordsOf(entry, profile),
    }))

function identityWordsOf(entry: IdentityEntry, profile: MeterProfile): number[] {
  const { type, oneOf, words = 1 } = entry
  if (type === 'text') return letters(oneOf?.[0] ?? `VM-${SERIAL_NUMBER}`, words)
  const raw = oneOf?.[0]?.slice(2).match(/.{4}/g)
  if (raw) return raw.map((word) => Number.parseInt(word, 16))
  return encodeValue(SERIAL_NUMBER % 2 ** (16 * WORDS[type]), type, profile.wordOrder)
}

const imageOf = (entries: readonly Entry[]): RegisterImage => ({
  words: new Map(
    entries.flatMap(({ addr, words }) => words.map((word, offset) => [addr + offset, word] as const)),
  ),
  values: entries.map(({ addr, words }) => ({ addr, words: words.length })),
})

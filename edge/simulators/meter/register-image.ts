import {
  type IdentityEntry,
  type MeterProfile,
  type PointName,
  pointsOf,
  type ResolvedPoint,
  WORDS,
} from '../../profiles/meter-profile.ts'
import { encodeAbsent, encodeValue } from './encode-value.ts'
import { type MeterPicture, reported } from './meter-picture.ts'
import { letters, sunspecDevice } from './sunspec-image.ts'

/** Where a value stands: its first register and length, and which point of the profile it is. */
export interface Placement {
  readonly addr: number
  readonly words: number
  readonly name?: PointName
}

/** Words by register, one table per function code. */
export interface RegisterImage {
  readonly words: ReadonlyMap<number, number>
  readonly values: readonly Placement[]
}

export type RegisterImages = ReadonlyMap<number, RegisterImage>

/** What sets one meter apart from another with the same map. */
export interface Individual {
  readonly serial?: number | undefined
  /** Powers of ten by name of the scale factor; what fits a depot where absent. */
  readonly powers?: ReadonlyMap<string, number>
  /** Multiplies what a point shows; 1 when absent. */
  readonly factorOf?: (name: PointName) => number
}

const SERIAL_NUMBER = 1_234_567

/** What the meter's registers hold for a picture; `undefined` is a meter that has no value for anything. */
export function registerImages(
  profile: MeterProfile,
  picture: MeterPicture | undefined,
  individual: Individual = {},
): RegisterImages {
  const { serial = SERIAL_NUMBER, factorOf = () => 1 } = individual
  const values = picture && reported(picture, profile.signs)
  const factors = factorsOf(profile, individual)
  const rawOf = ({ name, scale, factorAddr }: ResolvedPoint, value: number) =>
    (value * factorOf(name)) / scale / 10 ** (factors.get(factorAddr ?? -1) ?? 0)
  const registers = [
    ...pointsOf(profile).map((point) => ({
      functionCode: point.functionCode,
      addr: point.addr,
      name: point.name,
      words: values
        ? encodeValue(rawOf(point, values[point.name]), point.type, point.wordOrder)
        : encodeAbsent(profile, point),
    })),
    ...[...factors].map(([addr, power]) => ({
      functionCode: profile.functionCode,
      addr,
      words: encodeValue(power, 'i16', 'high-first'),
    })),
    ...identityOf(profile, serial),
  ]
  const [id] = profile.sunspec?.models ?? []
  const model =
    profile.sunspec && id !== undefined
      ? { id, length: profile.sunspec.length, serial: `VM-${serial}` }
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

/** Power of ten by the register that holds it. */
const factorsOf = (profile: MeterProfile, { powers }: Individual): ReadonlyMap<number, number> =>
  new Map(
    Object.entries(profile.scaleFactors ?? {}).map(([name, { addr }]) => {
      const unit = Object.values(profile.points).find(({ scaleFactor }) => scaleFactor === name)?.unit
      return [addr, powers?.get(name) ?? POWER_OF_TEN[unit ?? ''] ?? 0]
    }),
  )

interface Entry extends Omit<Placement, 'words'> {
  readonly functionCode: number
  readonly words: readonly number[]
}

/** What a device says of itself; a register it says only when asked for by itself is left out. */
const identityOf = (profile: MeterProfile, serial: number): Entry[] =>
  profile.identity
    .filter(({ alone }) => !alone)
    .map((entry) => ({
      functionCode: entry.functionCode ?? profile.functionCode,
      addr: entry.addr,
      words: identityWordsOf(entry, profile, serial),
    }))

function identityWordsOf(entry: IdentityEntry, profile: MeterProfile, serial: number): number[] {
  const { type, oneOf, words = 1 } = entry
  if (type === 'text') return letters(oneOf?.[0] ?? `VM-${serial}`, words)
  const raw = oneOf?.[0]?.slice(2).match(/.{4}/g)
  if (raw) return raw.map((word) => Number.parseInt(word, 16))
  return encodeValue(serial % 2 ** (16 * WORDS[type]), type, profile.wordOrder)
}

const imageOf = (entries: readonly Entry[]): RegisterImage => ({
  words: new Map(
    entries.flatMap(({ addr, words }) => words.map((word, offset) => [addr + offset, word] as const)),
  ),
  values: entries.map(({ words, ...where }) => ({ ...where, words: words.length })),
})

import { type MeterProfile, pointsOf, type ResolvedPoint } from '../../profiles/meter-profile.ts'
import { encodeAbsent, encodeValue } from './encode-value.ts'
import type { Placement, RegisterImage, RegisterImages } from './register-image.ts'
import type { Strike } from './strike.ts'

/** New words for a value, or undefined to leave it. */
type Change = (
  where: Placement,
  words: readonly number[],
  functionCode: number,
) => readonly number[] | undefined

/** The registers as they read when something in the device is wrong with them. `frozen`: by fault, what they held. */
export function alteredImages(
  profile: MeterProfile,
  images: RegisterImages,
  { strike, frozen }: { readonly strike: Strike; readonly frozen: ReadonlyMap<string, RegisterImages> },
): RegisterImages {
  let altered = images
  for (const change of changesOf(profile, strike, frozen))
    altered = new Map(
      [...altered].map(([functionCode, image]) => [functionCode, changed(image, functionCode, change)]),
    )
  const by = strike.all('offByOne').reduce((sum, { fault }) => sum + fault.by, 0)
  return by === 0 ? altered : new Map([...altered].map(([code, image]) => [code, shifted(image, by)]))
}

function changesOf(
  profile: MeterProfile,
  strike: Strike,
  frozen: ReadonlyMap<string, RegisterImages>,
): Change[] {
  const points = new Map(pointsOf(profile).map((point) => [point.name as string, point]))
  const only = (names: readonly string[] | undefined, change: Change): Change => {
    return (where, words, code) =>
      names === undefined || (where.name !== undefined && names.includes(where.name))
        ? change(where, words, code)
        : undefined
  }
  const ofPoint = (absent: (point: ResolvedPoint) => readonly number[]): Change => {
    return ({ name }) => {
      const point = points.get(name ?? '')
      return point && absent(point)
    }
  }
  return [
    ...strike
      .all('stale')
      .map(({ id, fault }) =>
        only(fault.points, ({ addr, words }, _, code) => held(frozen.get(id), code, { addr, words })),
      ),
    ...strike.all('sentinel').map(({ fault }) =>
      only(
        fault.points,
        ofPoint((point) => encodeAbsent(profile, point)),
      ),
    ),
    ...strike.all('nan').map(({ fault }) =>
      only(
        fault.points,
        ofPoint((point) => noNumber(profile, point)),
      ),
    ),
    ...strike.all('zeroFill').map(({ fault }) => only(fault.points, (_, words) => words.map(() => 0))),
    ...strike
      .all('swappedWords')
      .map(({ fault }) => only(fault.points, ({ name }, words) => (name ? words.toReversed() : undefined))),
    ...strike
      .all('swappedBytes')
      .map(({ fault }) =>
        only(fault.points, ({ name }, words) => (name ? words.map(bytesTurned) : undefined)),
      ),
  ]
}

const noNumber = (profile: MeterProfile, point: ResolvedPoint): readonly number[] =>
  point.type.startsWith('f')
    ? encodeValue(Number.NaN, point.type, point.wordOrder)
    : encodeAbsent(profile, point)

const bytesTurned = (word: number): number => ((word & 0xff) << 8) | (word >> 8)

function held(
  images: RegisterImages | undefined,
  functionCode: number,
  { addr, words }: { readonly addr: number; readonly words: number },
): readonly number[] | undefined {
  const image = images?.get(functionCode)
  return image && Array.from({ length: words }, (_, offset) => image.words.get(addr + offset) ?? 0)
}

function changed(image: RegisterImage, functionCode: number, change: Change): RegisterImage {
  const words = new Map(image.words)
  for (const where of image.values) {
    const before = Array.from(
      { length: where.words },
      (_, offset) => image.words.get(where.addr + offset) ?? 0,
    )
    change(where, before, functionCode)?.forEach((word, offset) => {
      words.set(where.addr + offset, word)
    })
  }
  return { ...image, words }
}

const shifted = ({ words, values }: RegisterImage, by: number): RegisterImage => ({
  words: new Map([...words].map(([addr, word]) => [addr + by, word])),
  values: values.map((value) => ({ ...value, addr: value.addr + by })),
})

import { describe, expect, test } from 'vitest'
import type { MeterProfile, ResolvedPoint, WordType } from '../../profiles/meter-profile.ts'
import { decode as decodeRaw } from './decode.ts'

const point = (type: WordType, words: number, more: Partial<ResolvedPoint> = {}): ResolvedPoint => ({
  name: 'p_total',
  addr: 0,
  words,
  type,
  scale: 1,
  functionCode: 3,
  wordOrder: 'high-first',
  optional: false,
  ...more,
})
const decode = (words: readonly number[], ...rest: [ResolvedPoint, MeterProfile['sentinels']]) =>
  decodeRaw({ words }, ...rest)
const none: MeterProfile['sentinels'] = []

describe('each type', () => {
  test.each<[WordType, number[], number]>([
    ['u16', [0xffff], 65535],
    ['i16', [0xfffe], -2],
    ['u32', [0xffff, 0xfffe], 4294967294],
    ['i32', [0xffff, 0xfffe], -2],
    ['i32', [0x8000, 0x0000], -2147483648],
    ['f32', [0x4366, 0x8000], 230.5],
    ['f32', [0xc2c8, 0x0000], -100],
    ['f32', [0x0000, 0x0000], 0],
    ['u64', [0x0000, 0x0001, 0x0000, 0x0000], 4294967296],
    ['i64', [0xffff, 0xffff, 0xffff, 0xfff6], -10],
    ['f64', [0x4009, 0x21fb, 0x5444, 0x2d18], Math.PI],
  ])('%s %j is %d', (type, words, value) => {
    expect(decode(words, point(type, words.length), none)).toBe(value)
  })
})

test('low-first puts the least significant word at the lower address', () => {
  expect(decode([0x8000, 0x4366], point('f32', 2, { wordOrder: 'low-first' }), none)).toBe(230.5)
  expect(decode([4, 3, 2, 1], point('u64', 4, { wordOrder: 'low-first' }), none)).toBe(0x0001_0002_0003_0004)
})

test('a decimal scale adds no digits of its own', () => {
  expect(decode([0, 2301], point('u32', 2, { scale: 0.1 }), none)).toBe(230.1)
  expect(decode([0, 3], point('u32', 2, { scale: 0.01 }), none)).toBe(0.03)
  expect(decode([0, 7], point('u32', 2, { scale: 1000 }), none)).toBe(7000)
})

describe('a value the device does not have is absent, never 0', () => {
  test.each<[string, WordType, number[]]>([
    ['NaN', 'f32', [0x7fc0, 0x0000]],
    ['infinity', 'f32', [0x7f80, 0x0000]],
    ['minus infinity', 'f32', [0xff80, 0x0000]],
    ['NaN', 'f64', [0x7ff8, 0, 0, 0]],
  ])('%s as %s', (_, type, words) => {
    expect(decode(words, point(type, words.length), none)).toBeUndefined()
  })

  const sentinels: MeterProfile['sentinels'] = [
    { types: ['u32', 'u64'], raw: 'all-ones' },
    { types: ['i16'], raw: '0x7FFF' },
    { types: ['i32'], raw: '0x7FFFFFFF' },
  ]
  test.each<[WordType, number[]]>([
    ['u32', [0xffff, 0xffff]],
    ['u64', [0xffff, 0xffff, 0xffff, 0xffff]],
    ['i16', [0x7fff]],
    ['i32', [0x7fff, 0xffff]],
  ])('the sentinel of %s', (type, words) => {
    expect(decode(words, point(type, words.length, { scale: 0.01 }), sentinels)).toBeUndefined()
  })

  test('a sentinel is compared high word first whatever the word order', () => {
    expect(decode([0xffff, 0x7fff], point('i32', 2, { wordOrder: 'low-first' }), sentinels)).toBeUndefined()
  })

  test('the sentinel of one type is a value of another', () => {
    expect(decode([0xffff], point('i16', 1), sentinels)).toBe(-1)
    expect(decode([0x7fff], point('u16', 1), sentinels)).toBe(32767)
  })

  test('too few words', () => {
    expect(decode([0x4366], point('f32', 2), none)).toBeUndefined()
  })
})

describe('a power of ten that is read with the value', () => {
  const reading = (factor: number | undefined) =>
    decodeRaw({ words: [2305], factor }, point('u16', 1, { factorAddr: 9 }), none)
  test.each([
    [0xffff, 230.5],
    [0, 2305],
    [2, 230_500],
    [0xfff6, 2305e-10],
  ])('%d', (factor, value) => expect(reading(factor)).toBe(value))

  test.each([
    ['none', 0x8000],
    ['beyond ten', 11],
    ['below minus ten', 0xfff5],
    ['not read', undefined],
  ])('that is %s leaves the value unknown', (_, factor) => expect(reading(factor)).toBeUndefined())
})

test('a sentinel may leave a word open', () => {
  const overflow: MeterProfile['sentinels'] = [{ types: ['i32'], raw: '0x7FFFXXXX' }]
  expect(decode([0x1234, 0x7fff], point('i32', 2, { wordOrder: 'low-first' }), overflow)).toBeUndefined()
  expect(decode([0x7fff, 0x1234], point('i32', 2, { wordOrder: 'low-first' }), overflow)).toBe(0x1234_7fff)
})

test('a power factor coded by quadrant is folded back', () => {
  const folded = (value: number) => {
    const view = new DataView(new ArrayBuffer(4))
    view.setFloat32(0, value)
    return decode([view.getUint16(0), view.getUint16(2)], point('f32', 2, { decoder: 'schneider-4q' }), none)
  }
  expect([1.25, -1.25, 0.5, -0.5, 1, -1].map(folded)).toEqual([0.75, -0.75, 0.5, -0.5, 1, -1])
})

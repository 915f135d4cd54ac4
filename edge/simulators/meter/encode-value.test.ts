import { expect, test } from 'vitest'
import type { WordType } from '../../profiles/meter-profile.ts'
import { encodeValue } from './encode-value.ts'

const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(4, '0')).join(' ')

test.each<[number, WordType, string]>([
  [65535, 'u16', 'ffff'],
  [-2, 'i16', 'fffe'],
  [230.4, 'u16', '00e6'],
  [2305, 'u32', '0000 0901'],
  [-195_500, 'i32', 'fffd 0454'],
  [230.5, 'f32', '4366 8000'],
  [-1955, 'f32', 'c4f4 6000'],
  [4_294_967_296, 'u64', '0000 0001 0000 0000'],
  [-10, 'i64', 'ffff ffff ffff fff6'],
  [512_000, 'f64', '411f 4000 0000 0000'],
])('%d as %s', (value, type, words) => {
  expect(hex(encodeValue(value, type, 'high-first'))).toBe(words)
})

test('low-first turns the words, not the bytes in them', () => {
  expect(hex(encodeValue(230.5, 'f32', 'low-first'))).toBe('8000 4366')
})

test('a value out of range stops at the last one that fits, as counters of a full register do', () => {
  expect(hex(encodeValue(70_000, 'u16', 'high-first'))).toBe('ffff')
  expect(hex(encodeValue(-5, 'u16', 'high-first'))).toBe('0000')
  expect(hex(encodeValue(-70_000, 'i16', 'high-first'))).toBe('8000')
})

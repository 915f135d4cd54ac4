import { expect, test } from 'vitest'
import { readFrame } from './frame.ts'

const MIB = 2 ** 20

test('a frame is read without the padding around it', () => {
  expect(readFrame('\uFEFF\0 \n[2,"a","Heartbeat",{}]\u00A0\r\n\0')).toMatchObject({ kind: 'call', id: 'a' })
  expect(readFrame(' \0\uFEFF')).toEqual({ kind: 'empty' })
})

// Quadratic time would take minutes here and run into the test's own limit.
test.each([' ', '\0', '\uFEFF'])(
  'runs of blanks inside the largest frame are read in linear time',
  (blank) => {
    const text = `[2,"a","DataTransfer",{"data":"${blank.repeat(MIB)}"}]`
    expect(readFrame(text).kind).toBe(blank === '\0' ? 'bad' : 'call')
    expect(readFrame(`[2,"a"${blank.repeat(MIB)}!`).kind).toBe('bad')
  },
)

test('the largest unreadable message id costs no more than its frame', () => {
  expect(readFrame(`[2,"${'a'.repeat(MIB)}`)).toMatchObject({ kind: 'bad', idToken: null })
  expect(readFrame(`[2,"a","${'a'.repeat(MIB)}`)).toMatchObject({ kind: 'bad', action: null })
})

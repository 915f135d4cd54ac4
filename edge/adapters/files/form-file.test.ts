import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundaryOf, fileInForm } from './form-file.ts'

async function* inPieces(body: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0
  for (const cut of [...cuts].sort((one, other) => one - other)) {
    yield body.subarray(from, cut)
    from = Math.max(from, cut)
  }
  yield body.subarray(from)
}
const form = (content: Buffer, { before = '', name = 'a.log' } = {}) =>
  Buffer.concat([
    Buffer.from(`${before}--xyz\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n`),
    Buffer.from('Content-Type: text/plain\r\n\r\n'),
    content,
    Buffer.from('\r\n--xyz--\r\n'),
  ])
async function read(
  body: Buffer,
  cuts: readonly number[] = [],
): Promise<{ name: string | null; content: Buffer }> {
  const { name, content } = await fileInForm(inPieces(body, cuts), 'xyz')
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return { name, content: Buffer.concat(pieces) }
}

describe('a file in a form', () => {
  test('comes out as it went in, wherever the form is cut and whatever is in the file', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.constantFrom('\r\n', '--xyz', '--', '\r', 'a')).map((parts) => Buffer.from(parts.join(''))),
    )
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.nat(400), { maxLength: 20 }), async (content, cuts) => {
        const file = Buffer.from(content)
        fc.pre(!file.includes('\r\n--xyz'))
        const body = form(file)
        const within = cuts.filter((cut) => cut <= body.length)
        expect(await read(body, within)).toEqual({ name: 'a.log', content: file })
      }),
    )
  })

  test('is found behind fields that are none, and may have no name', async () => {
    const before =
      '--xyz\r\nContent-Disposition: form-data; name="id"\r\n\r\n7\r\n--xyz\r\nContent-Disposition: form-data; name="empty"\r\n\r\n\r\n'
    expect(await read(form(Buffer.from('x'), { before, name: '' }))).toEqual({
      name: null,
      content: Buffer.from('x'),
    })
  })

  test.each([
    ['no form', Buffer.from('just a log')],
    ['no file', Buffer.from('--xyz\r\nContent-Disposition: form-data; name="id"\r\n\r\n7\r\n--xyz--\r\n')],
    ['endless headers', Buffer.concat([Buffer.from('--xyz\r\n'), Buffer.alloc(100_000, 'a')])],
    ['a form that does not end after the file', Buffer.concat([form(Buffer.from('x')), Buffer.alloc(1e6)])],
    ['a form that ends in the middle', form(Buffer.from('a log')).subarray(0, -12)],
  ])('is not found in %s', async (_, body) => {
    const cuts = Array.from({ length: Math.floor(body.length / 1000) }, (_, n) => n * 1000)
    await expect(read(body, cuts)).rejects.toMatchObject({ code: 'files.broken' })
  })
})

test.each([
  ['multipart/form-data; boundary=----abc', '----abc'],
  ['Multipart/Form-Data; charset=utf-8; boundary="a b"', 'a b'],
  ['multipart/form-data', null],
  ['application/octet-stream; boundary=x', null],
  [undefined, null],
])('the boundary in %s is %s', (header, boundary) => {
  expect(boundaryOf(header)).toBe(boundary)
})

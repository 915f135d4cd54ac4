import { DepotError } from '@busbar/model/depot-error.ts'

/** A file that came in a form. */
export interface FormFile {
  readonly name: string | null
  readonly content: AsyncIterable<Uint8Array>
}

/** Of everything beside the file itself: headers, and fields of the form that are none. */
const MOST_BESIDE = 65_536

/** The boundary of a form's parts; null for a body that is no form. */
export const boundaryOf = (contentType: string | undefined): string | null =>
  /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i
    .exec(contentType ?? '')
    ?.slice(1)
    .find((part) => part !== undefined) ?? null

/**
 * The first file in a form, streamed: many stations upload as a browser would.
 * @throws DepotError `files.broken` when there is none; the content throws it when the form ends in the middle
 * @see RFC 7578
 */
export async function fileInForm(body: AsyncIterable<Uint8Array>, boundary: string): Promise<FormFile> {
  const pieces = body[Symbol.asyncIterator]()
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter has no line before it.
  let held = Buffer.from('\r\n')
  const more = async (): Promise<void> => {
    const next = await pieces.next()
    if (next.done) throw broken()
    held = Buffer.concat([held, next.value])
  }
  const until = async (mark: Buffer | string): Promise<string> => {
    for (let at = held.indexOf(mark); ; at = held.indexOf(mark)) {
      if (at >= 0) {
        const before = held.subarray(0, at).toString()
        held = held.subarray(at + mark.length)
        return before
      }
      if (held.length > MOST_BESIDE) throw broken()
      await more()
    }
  }
  for (;;) {
    await until(delimiter)
    const head = await until('\r\n\r\n')
    const name = /filename="([^"\r\n]{0,255})"/i.exec(head)?.[1]
    if (name !== undefined) return { name: name || null, content: fileFrom(pieces, held, delimiter) }
    // An empty field ends where it begins.
    held = Buffer.concat([Buffer.from('\r\n'), held])
  }
}

/** Everything up to the delimiter; what may be the beginning of one is held back. */
async function* fileFrom(
  pieces: AsyncIterator<Uint8Array>,
  first: Buffer,
  delimiter: Buffer,
): AsyncGenerator<Uint8Array> {
  for (let held = first; ; ) {
    const end = held.indexOf(delimiter)
    if (end >= 0) {
      yield held.subarray(0, end)
      await drained(pieces)
      return
    }
    const sure = Math.max(0, held.length - delimiter.length)
    yield held.subarray(0, sure)
    const next = await pieces.next()
    if (next.done) throw broken()
    held = Buffer.concat([held.subarray(sure), next.value])
  }
}

/** What comes behind the file is taken, so that the sender gets to the end of what it says; it has not much to say. */
async function drained(pieces: AsyncIterator<Uint8Array>): Promise<void> {
  let bytes = 0
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    bytes += next.value.byteLength
    if (bytes > MOST_BESIDE) throw broken()
  }
}

const broken = () => new DepotError('files.broken', 'the form holds no whole file')

import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { DepotError } from '@busbar/model/depot-error.ts'

export interface BoxOptions {
  readonly folder: string
  /** Of one file, bytes. */
  readonly mostEach: number
  /** Of all files, bytes. */
  readonly mostAll: number
  /** Bytes that nobody uses on the disk; by `statfs` when absent. */
  readonly free?: () => Promise<number>
}

/** A file that is kept. */
export interface KeptFile {
  /** Its name in the folder, made here. */
  readonly file: string
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** What the rest of the depot is left of a disk. */
const DISK_RESERVE = 512e6
const PART = '.part'

/** Files in one folder, streamed in and out, within a cap. Names from outside never become names here. */
export class FileBox {
  readonly #options: BoxOptions
  readonly #sizes = new Map<string, number>()
  #arriving = 0

  constructor(options: BoxOptions) {
    this.#options = options
  }

  /** Opens the folder: what was cut off is deleted, and so is what `known` does not name. @returns what is missing */
  async open(known: ReadonlySet<string>): Promise<readonly string[]> {
    const { folder } = this.#options
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const name of await readdir(folder)) {
      if (known.has(name)) this.#sizes.set(name, (await stat(join(folder, name))).size)
      else await rm(join(folder, name), { recursive: true, force: true })
    }
    return [...known].filter((name) => !this.#sizes.has(name))
  }

  get used(): number {
    return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0) + this.#arriving
  }

  /** How many bytes would have to go before `bytes` more fit under the cap. */
  excess(bytes: number): number {
    return Math.max(0, this.used + bytes - this.#options.mostAll)
  }

  get mostEach(): number {
    return this.#options.mostEach
  }

  /**
   * Streams content to disk and keeps it once it is there whole and `check` allows it.
   * @param each hears every piece
   * @throws DepotError `files.too-large`, `files.no-room`; whatever the source or `check` throws. Nothing is left then.
   */
  async keep(
    content: AsyncIterable<Uint8Array>,
    {
      each = () => undefined,
      check = () => undefined,
    }: { each?: (piece: Uint8Array) => void; check?: (kept: KeptFile) => void } = {},
  ): Promise<KeptFile> {
    const file = randomUUID()
    const part = join(this.#options.folder, `${file}${PART}`)
    // Only its owner reads it, and nobody runs it.
    const handle = await open(part, 'wx', 0o600)
    let taken = 0
    try {
      const hash = createHash('sha256')
      await this.#write(handle, content, (piece) => {
        taken += piece.byteLength
        hash.update(piece)
        each(piece)
      })
      const kept = { file, bytes: taken, sha256: hash.digest('hex') }
      check(kept)
      await handle.sync()
      await handle.close()
      await rename(part, join(this.#options.folder, file))
      await this.#syncFolder()
      this.#sizes.set(file, taken)
      return kept
    } catch (error) {
      await handle.close().catch(() => undefined)
      await rm(part, { force: true })
      throw error
    } finally {
      this.#arriving -= taken
    }
  }

  /** Null: there is none. It is opened by who reads on, and fails when the file has gone by then. */
  read(file: string): { readonly bytes: number; readonly content: AsyncIterable<Uint8Array> } | null {
    const bytes = this.#sizes.get(file)
    return bytes === undefined ? null : { bytes, content: piecesOf(join(this.#options.folder, file)) }
  }

  async remove(file: string): Promise<void> {
    this.#sizes.delete(file)
    await rm(join(this.#options.folder, file), { force: true })
  }

  async #write(
    handle: FileHandle,
    content: AsyncIterable<Uint8Array>,
    taken: (piece: Uint8Array) => void,
  ): Promise<void> {
    const { mostEach, mostAll } = this.#options
    let bytes = 0
    let room = await this.#room()
    for await (const piece of content) {
      bytes += piece.byteLength
      room -= piece.byteLength
      if (bytes > mostEach) throw new DepotError('files.too-large', `more than ${mostEach} bytes`)
      if (this.used + piece.byteLength > mostAll)
        throw new DepotError('files.no-room', `the ${mostAll} bytes for such files are used up`)
      if (room < 0) throw new DepotError('files.no-room', 'the disk is nearly full')
      this.#arriving += piece.byteLength
      taken(piece)
      await handle.write(piece)
    }
  }

  async #room(): Promise<number> {
    const { free, folder } = this.#options
    if (free !== undefined) return (await free()) - DISK_RESERVE
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize - DISK_RESERVE
  }

  async #syncFolder(): Promise<void> {
    const folder = await open(this.#options.folder, 'r')
    await folder.sync().finally(() => folder.close())
  }
}

/** Opened with the first piece that is asked for, and closed with the last one: who reads nothing holds nothing open. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path) as AsyncIterable<Uint8Array>
}

/** Lower-case hex of what a stream holds. */
export async function sha256Of(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of content) hash.update(piece)
  return hash.digest('hex')
}

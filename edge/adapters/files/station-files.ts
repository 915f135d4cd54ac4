import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import { hours, milliseconds } from '@busbar/units/time.ts'
import type { FileEvent } from '../../domain/file-facts.ts'
import type { FirmwareImage, InboxFile } from '../../domain/file-records.ts'
import type {
  Address,
  BroughtImage,
  FileRoom,
  ShelfAnswer,
  StationFiles,
} from '../../domain/ports/station-files.ts'
import { AddressBook, type AllowedHost } from './address-book.ts'
import { type BoxOptions, FileBox, sha256Of } from './file-box.ts'
import { type FileDesk, FileServer, type ServerIdentity } from './file-server.ts'
import { signatureCheck } from './image-check.ts'
import { type Grant, OneTimeAddresses } from './one-time-addresses.ts'

export interface StationFilesOptions {
  readonly clock: Clock
  readonly listen: { readonly host: string; readonly port: number }
  /** Over TLS; null: there is no such listener. */
  readonly secure: {
    readonly listen: { readonly host: string; readonly port: number }
    readonly identity: ServerIdentity
  } | null
  /** Names by which stations reach this depot, plain and over TLS. */
  readonly hosts: { readonly plain: string; readonly secure: string }
  /** Whether a station speaks TLS and believes our certificate. */
  readonly isSecure: (station: string) => boolean
  readonly allowed: readonly AllowedHost[]
  readonly csms: readonly AllowedHost[]
  readonly inbox: BoxOptions
  readonly shelf: BoxOptions
  readonly keepDays: number
  /** What is on record. */
  readonly files: () => Iterable<InboxFile>
  readonly images: () => ReadonlyMap<string, FirmwareImage>
  /** Resolves when it is on disk. */
  readonly tell: (event: FileEvent) => Promise<void>
  readonly onError: (error: unknown) => void
}

const DAY_MS = 86_400_000
const gone = () => new DepotError('files.gone', 'this address is used up')
const DEPOT = 'the depot'

/** The depot's inbox for logs and its shelf of firmware, with the listeners that stations reach them by. */
export class DepotFiles implements StationFiles, FileRoom, FileDesk {
  readonly #options: StationFilesOptions
  readonly #addresses: OneTimeAddresses
  readonly #book: AddressBook
  readonly #inbox: FileBox
  readonly #shelf: FileBox
  readonly #server: FileServer
  readonly #secureServer: FileServer | null
  /** Names of images that are being taken in. */
  readonly #coming = new Set<string>()
  #sweep: Timer | null = null

  constructor(options: StationFilesOptions) {
    this.#options = options
    const { clock, listen, secure, onError } = options
    this.#addresses = new OneTimeAddresses(clock)
    this.#inbox = new FileBox(options.inbox)
    this.#shelf = new FileBox(options.shelf)
    this.#server = new FileServer({ listen, identity: null, desk: this, onError })
    this.#secureServer = secure && new FileServer({ ...secure, desk: this, onError })
    this.#book = new AddressBook({
      ...options,
      plainPort: () => this.#server.port,
      securePort: () => this.#secureServer?.port ?? null,
      find: (token) => this.#addresses.find(token),
    })
  }

  /** @throws DepotError `files.listen` */
  async start(): Promise<void> {
    const { files, images, tell, clock, onError } = this.#options
    const kept = [...files()]
    const missing = new Set(await this.#inbox.open(new Set(kept.map(({ file }) => file))))
    for (const { station, file } of kept.filter((each) => missing.has(each.file)))
      await tell({ fact: 'LogRemoved', data: { station, file, cause: 'lost', by: DEPOT } })
    const shown = [...images().values()]
    const lost = new Set(await this.#shelf.open(new Set(shown.map(({ file }) => file))))
    for (const { image } of shown.filter((each) => lost.has(each.file)))
      await tell({ fact: 'FirmwareImageRemoved', data: { image, cause: 'lost', by: DEPOT } })
    await this.#server.start()
    await this.#secureServer?.start()
    this.#sweep = every(clock, hours(1), () => void this.#expire().catch(onError))
  }

  async stop(): Promise<void> {
    this.#sweep?.cancel()
    await Promise.all([this.#server.stop(), this.#secureServer?.stop()])
  }

  /** Shows this over TLS from the next connection on. */
  secure(identity: ServerIdentity): void {
    this.#secureServer?.secure(identity)
  }

  inboxFor({ station, log, request }: Parameters<StationFiles['inboxFor']>[0]): Address {
    return this.#address({ station, request, use: { way: 'upload', log } }, DAY_MS)
  }

  async shelfFor({
    station,
    image,
    request,
    withinMs,
  }: Parameters<StationFiles['shelfFor']>[0]): Promise<Address> {
    const kept = this.#shelf.read(image.file)
    const found = kept === null ? null : await sha256Of(kept.content)
    if (found !== image.sha256) {
      const by = DEPOT
      const reason = 'its bytes on disk are no longer what was put there'
      await this.#options.tell({
        fact: 'FirmwareImageRemoved',
        data: { image: image.image, cause: 'altered', by },
      })
      await this.#options.tell({ fact: 'FirmwareImageRefused', data: { image: image.image, reason, by } })
      await this.#shelf.remove(image.file)
      return { refused: `image ${image.image}: ${reason}` }
    }
    return this.#address({ station, request, use: { way: 'download', image } }, withinMs)
  }

  allows(asked: Parameters<StationFiles['allows']>[0]): boolean {
    return this.#book.allows(asked)
  }

  async put(brought: BroughtImage): Promise<ShelfAnswer> {
    const { image } = brought
    if (this.#options.images().has(image) || this.#coming.has(image))
      return {
        status: 'taken',
        reason: `there is an image ${image}; delete it first, or give this one another name`,
      }
    this.#coming.add(image)
    try {
      return await this.#takeIn(brought)
    } finally {
      this.#coming.delete(image)
    }
  }

  async removeImage(image: string, by: string): Promise<boolean> {
    const known = this.#options.images().get(image)
    if (known === undefined) return false
    await this.#options.tell({ fact: 'FirmwareImageRemoved', data: { image, cause: 'deleted', by } })
    await this.#shelf.remove(known.file)
    return true
  }

  async read(file: string): Promise<AsyncIterable<Uint8Array> | null> {
    return this.#inbox.read(file)?.content ?? null
  }

  async removeFile(file: string, by: string): Promise<boolean> {
    const known = [...this.#options.files()].find((each) => each.file === file)
    if (known === undefined) return false
    await this.#remove(known, 'deleted', by)
    return true
  }

  wayOf(token: string): 'upload' | 'download' | null {
    return this.#addresses.find(token)?.use.way ?? null
  }

  async receive(token: string, { length, file }: Parameters<FileDesk['receive']>[1]): Promise<void> {
    const grant = this.#addresses.begin(token)
    if (grant?.use.way !== 'upload') throw gone()
    const { station, request } = grant
    let succeeded = false
    try {
      await this.#makeRoom(length)
      const { name, content } = await file()
      const kept = await this.#inbox.keep(content)
      const data = { station, log: grant.use.log, request, name, ...kept }
      await this.#options.tell({ fact: 'LogUploaded', data })
      succeeded = true
    } catch (error) {
      const reason = error instanceof DepotError ? error.message : 'it broke off'
      await this.#options.tell({ fact: 'LogUploadRefused', data: { station, request, reason } })
      throw error
    } finally {
      this.#addresses.end(token, succeeded)
    }
  }

  offer(token: string): ReturnType<FileDesk['offer']> {
    const grant = this.#addresses.begin(token)
    const use = grant?.use
    const kept = use?.way === 'download' ? this.#shelf.read(use.image.file) : null
    if (use?.way !== 'download' || kept === null) throw gone()
    return { ...kept, name: use.image.image }
  }

  async fetched(token: string, whole: boolean): Promise<void> {
    const grant = this.#addresses.find(token)
    this.#addresses.end(token, whole)
    if (!whole || grant?.use.way !== 'download') return
    const { station, request, use } = grant
    await this.#options.tell({
      fact: 'FirmwareImageFetched',
      data: { station, image: use.image.image, request },
    })
  }

  #address(grant: Grant, withinMs: number): Address {
    const base = this.#book.baseFor(grant.station)
    if (base === null) return { refused: `${grant.station} runs over TLS, and files.tls is not configured` }
    return { url: `${base}/${this.#addresses.make(grant, milliseconds(withinMs))}` }
  }

  async #takeIn({ image, content, sha256, signed, by }: BroughtImage): Promise<ShelfAnswer> {
    try {
      const check = signed && signatureCheck(signed, this.#options.clock.now())
      const kept = await this.#shelf.keep(content, {
        each: (piece) => check?.update(piece),
        check: (found) => {
          if (found.sha256 !== sha256)
            throw new DepotError('files.wrong', `its SHA-256 is ${found.sha256}, not ${sha256}`)
          check?.finish()
        },
      })
      const added = { image, ...kept, signed, by }
      await this.#options.tell({ fact: 'FirmwareImageAdded', data: added })
      return { status: 'added', image: added }
    } catch (error) {
      if (!(error instanceof DepotError)) throw error
      const status = REFUSALS.get(error.code)
      if (status === undefined) throw error
      await this.#options.tell({ fact: 'FirmwareImageRefused', data: { image, reason: error.message, by } })
      return { status, reason: error.message }
    }
  }

  /** The oldest logs make room for the new one. */
  async #makeRoom(length: number | null): Promise<void> {
    const most = this.#inbox.mostEach
    if (length !== null && length > most)
      throw new DepotError('files.too-large', `${length} bytes, and at most ${most} are taken`)
    const oldest = [...this.#options.files()].sort((one, other) => one.at - other.at)
    for (const file of oldest) {
      if (this.#inbox.excess(length ?? most) === 0) break
      await this.#remove(file, 'room', DEPOT)
    }
  }

  async #remove(
    { station, file }: InboxFile,
    cause: 'deleted' | 'expired' | 'room',
    by: string,
  ): Promise<void> {
    await this.#options.tell({ fact: 'LogRemoved', data: { station, file, cause, by } })
    await this.#inbox.remove(file)
  }

  async #expire(): Promise<void> {
    const before = this.#options.clock.now() - this.#options.keepDays * DAY_MS
    for (const file of [...this.#options.files()].filter(({ at }) => at < before))
      await this.#remove(file, 'expired', DEPOT)
  }
}

const REFUSALS: ReadonlyMap<string, 'too-large' | 'no-room' | 'wrong'> = new Map([
  ['files.too-large', 'too-large'],
  ['files.no-room', 'no-room'],
  ['files.wrong', 'wrong'],
])

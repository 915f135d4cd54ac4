import type { StationId } from '@busbar/model/ids.ts'
import type { FirmwareImage } from '../file-records.ts'

/** An address that works once, or why there is none. */
export type Address = { readonly url: string } | { readonly refused: string }

/** Where stations leave logs and fetch firmware: this depot itself, at addresses made for one station and one use. */
export interface StationFiles {
  /** For one file of a station; it works for a day. */
  inboxFor(asked: {
    readonly station: StationId
    readonly log: 'DiagnosticsLog' | 'SecurityLog'
    readonly request: number
  }): Address
  /**
   * For fetching an image once, after its bytes were checked again.
   * @param asked.withinMs how long it works
   */
  shelfFor(asked: {
    readonly station: StationId
    readonly image: FirmwareImage
    readonly request: number
    readonly withinMs: number
  }): Promise<Address>
  /** Whether an address in a person's own request may go to this station: its own of here, or of a listed host. */
  allows(asked: { readonly station: StationId; readonly url: string; readonly use: AddressUse }): boolean
}

/** `upload`: where a station leaves a file, which is here or nowhere. `csms`: where it connects to from then on. */
export type AddressUse = 'upload' | 'download' | 'csms'

/** What became of an image that somebody put on the shelf. */
export type ShelfAnswer =
  | { readonly status: 'added'; readonly image: Omit<FirmwareImage, 'at'> }
  | { readonly status: 'taken' | 'too-large' | 'no-room' | 'wrong'; readonly reason: string }

/** An image that somebody brings. */
export interface BroughtImage {
  readonly image: string
  readonly content: AsyncIterable<Uint8Array>
  /** Lower-case hex of what the content has to be. */
  readonly sha256: string
  /** Certificate in PEM, signature over the content in base64. */
  readonly signed: { readonly certificate: string; readonly signature: string } | null
  readonly by: string
}

/** The files as people see to them. Every promise resolves after its facts are on disk. */
export interface FileRoom {
  put(brought: BroughtImage): Promise<ShelfAnswer>
  /** False: there is none of that name. */
  removeImage(image: string, by: string): Promise<boolean>
  /** Null: there is none. */
  read(file: string): Promise<AsyncIterable<Uint8Array> | null>
  removeFile(file: string, by: string): Promise<boolean>
}

import type { StationId } from '@busbar/model/ids.ts'

/** What can have happened to files that stations leave and fetch; `facts.ts` says how facts are kept. */
export interface FileFacts {
  /** A log arrived whole, and is kept as it came. */
  LogUploaded: {
    station: StationId
    file: string
    /** What the station calls it; for the eye only. */
    name: string
    log: 'DiagnosticsLog' | 'SecurityLog'
    /** Of the request it answers. */
    request: number
    bytes: number
    sha256: string
  }
  /** What came for a log was not kept. */
  LogUploadRefused: { station: StationId; request: number; reason: string }
  LogRemoved: { station: StationId; file: string; cause: 'deleted' | 'expired' | 'room' | 'lost'; by: string }
  FirmwareImageAdded: {
    image: string
    file: string
    bytes: number
    sha256: string
    /** Both in base64 and PEM; null for an image that nobody signed. */
    signed: { certificate: string; signature: string } | null
    by: string
  }
  /** It is not what it was said to be, and is offered to no station. */
  FirmwareImageRefused: { image: string; reason: string; by: string }
  FirmwareImageRemoved: { image: string; cause: 'deleted' | 'lost' | 'altered'; by: string }
  /** A station fetched it whole. */
  FirmwareImageFetched: { station: StationId; image: string; request: number }
}

/** One of them, before it is a fact. */
export type FileEvent = {
  [T in keyof FileFacts]: { readonly fact: T; readonly data: FileFacts[T] }
}[keyof FileFacts]

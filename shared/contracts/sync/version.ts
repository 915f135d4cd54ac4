/** Major version of the depot-to-cloud wire; it stands in every topic. Raised with a breaking change, noted in history.md. */
export const SYNC_VERSION = 1

/** What one message may hold. Sizes are bytes; `batchBytes` is compressed, the next two are after decompression. */
export const SYNC_LIMITS = {
  batchBytes: 256 * 1024,
  rawBytes: 1_000_000,
  records: 500,
  recordBytes: 64 * 1024,
  stateBytes: 128 * 1024,
  packetBytes: 1024 * 1024,
} as const

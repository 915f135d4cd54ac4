import { z } from 'zod'

const time = z.iso.datetime()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 in lower-case hex')

/** A log that a station left here. */
export const InboxFileView = z.object({
  file: z.string(),
  station: z.string(),
  log: z.enum(['DiagnosticsLog', 'SecurityLog']),
  /** Of the request that it answers. */
  request: z.int(),
  /** What the station calls it. */
  name: z.string(),
  bytes: z.int(),
  sha256,
  at: time,
})
/** Newest first. */
export const InboxView = z.object({ at: time, files: z.array(InboxFileView) })

/** A firmware image that stations may be given. */
export const FirmwareImageView = z.object({
  image: z.string(),
  bytes: z.int(),
  sha256,
  /** With a certificate and a signature, which OCPP 2.0.1 needs. */
  signed: z.boolean(),
  at: time,
  by: z.string(),
})
export const FirmwareImagesView = z.object({ at: time, images: z.array(FirmwareImageView) })

export const FirmwareImageName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, ".", "_" and "-", at most 64')

/** What the content of an image has to be. MD5 is no proof of anything and is not taken. */
export const FirmwareImageQuery = z.strictObject({ sha256 })

export type InboxFileView = z.infer<typeof InboxFileView>
export type FirmwareImageView = z.infer<typeof FirmwareImageView>

import type { Instant } from '@busbar/units/time.ts'
import type { FileFacts } from './file-facts.ts'
import type { ProjectionDefinition } from './ports/projections.ts'

/** A log that a station left. */
export type InboxFile = Readonly<FileFacts['LogUploaded']> & { readonly at: Instant }

/** Logs that are kept, by file. */
export const inboxFiles: ProjectionDefinition<InboxFile> = {
  name: 'inbox-file',
  keys: ({ fact }) => (fact.type === 'LogUploaded' || fact.type === 'LogRemoved' ? [fact.data.file] : []),
  next: (row, { fact }) => {
    if (fact.type === 'LogUploaded') return { ...fact.data, at: fact.occurred_at }
    return fact.type === 'LogRemoved' ? undefined : row
  },
}

/** A firmware image that may be offered. */
export type FirmwareImage = Readonly<FileFacts['FirmwareImageAdded']> & { readonly at: Instant }

/** Images on the shelf, by name. */
export const firmwareImages: ProjectionDefinition<FirmwareImage> = {
  name: 'firmware-image',
  keys: ({ fact }) =>
    fact.type === 'FirmwareImageAdded' || fact.type === 'FirmwareImageRemoved' ? [fact.data.image] : [],
  next: (row, { fact }) => {
    if (fact.type === 'FirmwareImageAdded') return { ...fact.data, at: fact.occurred_at }
    return fact.type === 'FirmwareImageRemoved' ? undefined : row
  },
}

/** An image that was refused last under its name, until one is taken; it is an incident while it is younger than a day. */
export const refusedImages: ProjectionDefinition<{ readonly reason: string; readonly at: Instant }> = {
  name: 'refused-image',
  keys: ({ fact }) =>
    fact.type === 'FirmwareImageAdded' ||
    fact.type === 'FirmwareImageRefused' ||
    fact.type === 'FirmwareImageRemoved'
      ? [fact.data.image]
      : [],
  next: (row, { fact }) => {
    if (fact.type === 'FirmwareImageRefused') return { reason: fact.data.reason, at: fact.occurred_at }
    return fact.type === 'FirmwareImageAdded' ? undefined : row
  },
}

import { z } from 'zod'

const time = z.iso.datetime()

/** One station that runs over TLS, and what it is known to hold of the depot's authority. */
export const StationCertificateView = z.object({
  station: z.string(),
  /** It proves itself by a certificate (security profile 3). */
  presents: z.boolean(),
  /** Roots it took, by their numbers. */
  roots: z.array(z.int()),
  certificate: z
    .object({
      serial: z.string(),
      not_after: time,
      days_left: z.int(),
      /** Number of the root that signed it. */
      root: z.int(),
    })
    .nullable(),
})

/** `GET /api/v1/certificates`: the depot's authority and its stations. */
export const CertificatesView = z.object({
  at: time,
  /** Numbers of the roots that are trusted, the newest last; two while stations move to a new one. */
  roots: z.array(z.int()),
  /** Stations that could not connect any more if the older root retired now. */
  behind: z.array(z.string()),
  stations: z.array(StationCertificateView),
})

/** `POST /api/v1/certificates/retire`: names the stations that are given up, all of them. */
export const RetireRequest = z.strictObject({
  give_up: z.array(z.string()).describe('exactly the stations in `behind`: they have to be set up by hand'),
})

export type CertificatesView = z.infer<typeof CertificatesView>

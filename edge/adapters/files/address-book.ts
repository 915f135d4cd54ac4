import type { StationId } from '@busbar/model/ids.ts'
import type { AddressUse } from '../../domain/ports/station-files.ts'
import type { Grant } from './one-time-addresses.ts'

/** A host that addresses in a person's own requests may lead to. */
export interface AllowedHost {
  readonly scheme: string
  /** As it stands in an address, with its port where that is not the scheme's own. */
  readonly host: string
}

export interface AddressBookOptions {
  readonly hosts: { readonly plain: string; readonly secure: string }
  readonly isSecure: (station: string) => boolean
  /** Hosts that firmware may come from beside this one. */
  readonly allowed: readonly AllowedHost[]
  /** This depot itself, as its stations connect to it. */
  readonly csms: readonly AllowedHost[]
  readonly plainPort: () => number
  /** Null without a listener over TLS. */
  readonly securePort: () => number | null
  readonly find: (token: string) => Grant | null
}

/**
 * Scheme, host and path of an address, strictly: no user, backslash, blank or control character, which one program
 * reads so and another otherwise.
 */
const STRICT =
  /^([a-z][a-z0-9+.-]*):\/\/([a-z0-9.-]+(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?)(\/[!-?A-[\]-~]*)?$/i

/** Which addresses this depot gives out, and which of others' it lets pass. No name is ever resolved here. */
export class AddressBook {
  readonly #options: AddressBookOptions

  constructor(options: AddressBookOptions) {
    this.#options = options
  }

  /** What the addresses for a station begin with; null when it needs TLS and there is none. */
  baseFor(station: string): string | null {
    const { hosts, isSecure, plainPort, securePort } = this.#options
    if (!isSecure(station)) return `http://${bracketed(hosts.plain)}:${plainPort()}/files`
    const port = securePort()
    return port === null ? null : `https://${bracketed(hosts.secure)}:${port}/files`
  }

  allows({ station, url, use }: { station: StationId; url: string; use: AddressUse }): boolean {
    const [, scheme = '', host = '', path = ''] = STRICT.exec(url) ?? []
    if (scheme === '') return false
    const listed = (hosts: readonly AllowedHost[]) =>
      hosts.some(
        (each) => each.scheme === scheme.toLowerCase() && each.host.toLowerCase() === host.toLowerCase(),
      )
    if (use === 'csms') return listed(this.#options.csms) || listed(this.#options.allowed)
    const base = this.baseFor(station)
    const token = base !== null && url.startsWith(`${base}/`) ? (path.split('/')[2] ?? '') : ''
    const grant = this.#options.find(token)
    if (grant?.station === station && grant.use.way === use) return true
    return use === 'download' && listed(this.#options.allowed)
  }
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

import { createHash, randomInt } from 'node:crypto'
import { as, type StationId } from '@busbar/model/ids.ts'
import type { Csms, KnownStation } from '../adapters/ocpp/csms.ts'
import type { Control } from '../control/control.ts'
import { addedStations } from '../domain/charging/added-stations.ts'
import { secretsNow, stationSecrets } from '../domain/charging/station-secrets.ts'
import type { StationRoster } from '../domain/ports/station-roster.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** The longest that OCPP 1.6 takes; 119 bits. */
const LENGTH = 20

/** Stations as the configuration has them, with the secrets that are on record of them. */
export class Roster implements StationRoster {
  /** Everybody who may come in now. */
  readonly stations = new Map<string, KnownStation>()
  readonly names = new Set<string>()
  readonly secure: boolean
  readonly #configured: ReadonlyMap<string, KnownStation>
  readonly #control: Control
  #csms: Csms | null = null
  #told: (id: StationId) => void = () => undefined

  constructor(stations: readonly KnownStation[], { control, secure }: { control: Control; secure: boolean }) {
    this.secure = secure
    this.#configured = new Map(stations.map((station) => [station.id, station]))
    this.#control = control
    for (const { id } of stations) this.refresh(id)
    for (const id of control.depot.memory.table(addedStations).keys()) this.refresh(as<StationId>(id))
  }

  /** From now on the connection of who is on the roster no more is ended. */
  serve(csms: Csms): void {
    this.#csms = csms
  }

  refresh(id: StationId): void {
    const station = this.#configured.get(id) ?? this.#added(id)
    if (station !== null) {
      this.stations.set(id, this.#asOfNow(station))
      this.names.add(id)
      this.#told(id)
    } else if (this.stations.delete(id)) {
      this.names.delete(id)
      this.#told(id)
      this.#csms?.cut(id, 'the station was removed')
    }
  }

  configured(id: StationId): string | null {
    return (this.#configured.get(id) ?? this.#added(id))?.secretSha256 ?? null
  }

  newSecret(): { text: string; sha256: string } {
    const text = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
    return { text, sha256: this.hashOf({ text }) }
  }

  hashOf(secret: { readonly hex: string } | { readonly text: string }): string {
    const bytes = 'hex' in secret ? Buffer.from(secret.hex, 'hex') : Buffer.from(secret.text)
    return createHash('sha256').update(bytes).digest('hex')
  }

  /** Calls `listener` with every station whose entry changes. */
  follow(listener: (id: StationId) => void): void {
    this.#told = listener
  }

  /** Whoever somebody added beside the configuration. */
  #added(id: StationId): KnownStation | null {
    const row = this.#control.depot.memory.table(addedStations).get(id)
    if (row === undefined || row.leaving) return null
    const { secretSha256, securityProfile } = row
    return { id, secretSha256, securityProfile, certificateNames: [id] }
  }

  #asOfNow(station: KnownStation): KnownStation {
    const row = this.#control.depot.memory.table(stationSecrets).get(station.id)
    const { current, offered } = secretsNow(row, station.secretSha256)
    return { ...station, secretSha256: current, offeredSha256: offered }
  }
}

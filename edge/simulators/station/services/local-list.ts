import { z } from 'zod'
import { IdTag, Nothing, type Service, type ServiceDeps, status, Time, when } from './service.ts'

const Info = z.object({
  status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
  expiryDate: Time.optional(),
  parentIdTag: IdTag.optional(),
})
type Info = z.infer<typeof Info>

const Update = z.object({
  listVersion: z.int(),
  updateType: z.enum(['Full', 'Differential']),
  localAuthorizationList: z.array(z.object({ idTag: IdTag, idTagInfo: Info.optional() })).optional(),
})

/** SendLocalListMaxLength. */
export const LONGEST_UPDATE = 100

/** The station's local authorization list. @see OCPP 1.6 sections 3.5.2, 5.15 */
export class LocalList {
  readonly #entries = new Map<string, Info>()
  readonly #deps: ServiceDeps
  #version = 0

  constructor(deps: ServiceDeps) {
    this.#deps = deps
  }

  readonly service: Service = {
    GetLocalListVersion: when(Nothing, () => ({ payload: { listVersion: this.#version } })),
    SendLocalList: when(Update, (update) => status(this.#update(update))),
  }

  /** The status of a token that the list holds; undefined for one it does not. */
  statusOf(idTag: string): string | undefined {
    const info = this.#entries.get(idTag.toLowerCase())
    if (info?.expiryDate !== undefined && Date.parse(info.expiryDate) <= this.#deps.now()) return 'Expired'
    return info?.status
  }

  parentOf(idTag: string): string | undefined {
    return this.#entries.get(idTag.toLowerCase())?.parentIdTag
  }

  #update({ listVersion, updateType, localAuthorizationList: list = [] }: z.infer<typeof Update>): string {
    if (list.length > LONGEST_UPDATE) return 'Failed'
    if (updateType === 'Differential' && listVersion <= this.#version) return 'VersionMismatch'
    if (updateType === 'Full') {
      if (list.some(({ idTagInfo }) => idTagInfo === undefined)) return 'Failed'
      this.#entries.clear()
    }
    for (const { idTag, idTagInfo } of list)
      if (idTagInfo === undefined) this.#entries.delete(idTag.toLowerCase())
      else this.#entries.set(idTag.toLowerCase(), idTagInfo)
    this.#version = listVersion
    this.#deps.record('local-list', { version: listVersion, entries: this.#entries.size })
    return 'Accepted'
  }
}

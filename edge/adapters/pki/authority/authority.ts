import type { StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type {
  CertificateRecord,
  IssuedCertificate,
  ServerIdentity,
  SigningRefusal,
  TrustAnchors,
} from '../../../domain/ports/station-authority.ts'
import { type AuthorityState, CaFiles } from './ca-files.ts'
import { newRevocationList, newRoot, newServer, newStation, type Signer, signerOf } from './certificates.ts'
import type { AuthorityOptions } from './messages.ts'
import { checkRequest } from './signing-request.ts'

/** The authority itself: its state is on disk before any answer leaves. */
export class Authority {
  readonly #files: CaFiles
  readonly #operator: string
  #state: AuthorityState
  readonly #signers = new Map<number, Signer>()

  constructor({ folder, operator }: AuthorityOptions) {
    this.#files = new CaFiles(folder)
    this.#operator = operator
    this.#state = this.#files.state()
  }

  async trust(now: Instant): Promise<TrustAnchors> {
    await this.#newest(now)
    const { generations, issued } = this.#state
    const lists = generations.map(async (generation) => {
      const serials = issued
        .filter((one) => one.revoked && one.generation === generation)
        .map(({ serial }) => serial)
      return newRevocationList(await this.#signer(generation), { serials, now })
    })
    return {
      roots: generations.map((generation) => this.#files.root(generation).certificate),
      generations,
      revocationLists: await Promise.all(lists),
    }
  }

  async serverIdentity(now: Instant, names: readonly string[]): Promise<ServerIdentity> {
    // Stations that know only the oldest root must still trust us.
    await this.#newest(now)
    const oldest = await this.#signer(this.#state.generations[0] ?? 1)
    return newServer(oldest, { operator: this.#operator, names, now })
  }

  async sign(
    now: Instant,
    of: { csr: string; station: StationId; names: readonly string[] },
  ): Promise<IssuedCertificate | SigningRefusal> {
    const checked = await checkRequest(of.csr, of.names)
    if ('refused' in checked) return checked
    const generation = await this.#newest(now)
    const signer = await this.#signer(generation)
    const { pem, serial, notAfter } = await newStation(signer, { ...checked, operator: this.#operator, now })
    const record: CertificateRecord = { serial, station: of.station, notAfter, revoked: false, generation }
    this.#keep({
      ...this.#state,
      issued: [...this.#state.issued.filter((one) => one.notAfter > now), record],
    })
    return { chain: pem, serial, notAfter }
  }

  issued(): readonly CertificateRecord[] {
    return this.#state.issued
  }

  revoke(serial: string): void {
    const issued = this.#state.issued.map((one) => (one.serial === serial ? { ...one, revoked: true } : one))
    this.#keep({ ...this.#state, issued })
  }

  async rotate(now: Instant): Promise<void> {
    await this.#newest(now)
    await this.#addRoot(now)
  }

  retire(): void {
    this.#keep({ ...this.#state, generations: this.#state.generations.slice(-1) })
  }

  /** The generation that signs; the first one is made when it is needed. */
  async #newest(now: Instant): Promise<number> {
    const newest = this.#state.generations.at(-1)
    return newest ?? this.#addRoot(now)
  }

  async #addRoot(now: Instant): Promise<number> {
    const generation = (this.#state.generations.at(-1) ?? 0) + 1
    this.#files.addRoot(generation, await newRoot({ operator: this.#operator, generation, now }))
    this.#keep({ ...this.#state, generations: [...this.#state.generations, generation] })
    return generation
  }

  async #signer(generation: number): Promise<Signer> {
    const known = this.#signers.get(generation)
    if (known !== undefined) return known
    const signer = await signerOf(this.#files.root(generation))
    this.#signers.set(generation, signer)
    return signer
  }

  #keep(state: AuthorityState): void {
    this.#files.save(state)
    this.#state = state
  }
}

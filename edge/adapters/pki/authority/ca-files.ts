import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DepotError } from '@busbar/model/depot-error.ts'
import { as } from '@busbar/model/ids.ts'
import { instant } from '@busbar/units/time.ts'
import { z } from 'zod'
import type { CertificateRecord } from '../../../domain/ports/station-authority.ts'

const State = z.strictObject({
  /** Roots that are trusted, oldest first; the last one signs. */
  generations: z.array(z.int().min(1)),
  issued: z.array(
    z.strictObject({
      serial: z.string(),
      station: z.string(),
      notAfter: z.number(),
      revoked: z.boolean(),
      generation: z.int(),
    }),
  ),
})

export interface AuthorityState {
  readonly generations: readonly number[]
  readonly issued: readonly CertificateRecord[]
}

/** The authority's files: a root certificate and its key for each generation, and what was issued. */
export class CaFiles {
  readonly #folder: string

  /** @throws DepotError `pki.exposed` when others than its owner can read the folder or a key in it */
  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const path of [
      folder,
      ...this.state().generations.map((generation) => this.#path(generation, 'key')),
    ])
      refuseExposed(path)
  }

  state(): AuthorityState {
    const path = join(this.#folder, 'state.json')
    if (!existsSync(path)) return { generations: [], issued: [] }
    const parsed = State.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    if (!parsed.success) throw new DepotError('pki.corrupt', `${path}: ${parsed.error.message}`)
    return {
      generations: parsed.data.generations,
      issued: parsed.data.issued.map((one) => ({
        ...one,
        station: as(one.station),
        notAfter: instant(one.notAfter),
      })),
    }
  }

  save(state: AuthorityState): void {
    this.#write('state.json', JSON.stringify(state))
  }

  root(generation: number): { readonly certificate: string; readonly key: string } {
    const read = (part: 'pem' | 'key') => readFileSync(this.#path(generation, part), 'utf8')
    return { certificate: read('pem'), key: read('key') }
  }

  /** Before the state that names it, so that a crash between leaves a root that nobody trusts. */
  addRoot(generation: number, { certificate, key }: { certificate: string; key: string }): void {
    this.#write(`root-${generation}.key`, key)
    this.#write(`root-${generation}.pem`, certificate)
  }

  #path(generation: number, part: 'pem' | 'key'): string {
    return join(this.#folder, `root-${generation}.${part}`)
  }

  /** Whole or not at all, and on disk when it returns. */
  #write(name: string, text: string): void {
    const path = join(this.#folder, name)
    const file = openSync(`${path}.new`, 'w', 0o600)
    writeSync(file, text)
    fsyncSync(file)
    closeSync(file)
    chmodSync(`${path}.new`, 0o600)
    renameSync(`${path}.new`, path)
  }
}

function refuseExposed(path: string): void {
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) === 0) return
  const shown = mode.toString(8)
  throw new DepotError(
    'pki.exposed',
    `${path}: expected to be its owner's alone (600 or 700), found ${shown}`,
  )
}

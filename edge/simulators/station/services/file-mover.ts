/** Moves files between a station and an address it was given. */
export interface FileMover {
  /** True when the other end has taken it. */
  upload(location: string, file: { readonly name: string; readonly text: string }): Promise<boolean>
  /** Null when it did not come whole. */
  download(location: string): Promise<Uint8Array | null>
}

/** Over HTTP alone. */
export class HttpMover implements FileMover {
  #underway = 0

  /** Whether a file is on its way. */
  get busy(): boolean {
    return this.#underway > 0
  }

  async upload(location: string, { name, text }: { name: string; text: string }): Promise<boolean> {
    const headers = { 'content-disposition': `attachment; filename="${name}"` }
    const answer = await this.#ask(location, { method: 'PUT', body: text, headers })
    return answer?.ok ?? false
  }

  async download(location: string): Promise<Uint8Array | null> {
    const answer = await this.#ask(location, { method: 'GET' })
    return answer?.ok ? answer.body : null
  }

  async #ask(location: string, how: RequestInit): Promise<{ ok: boolean; body: Uint8Array } | null> {
    if (!/^https?:/i.test(location)) return null
    this.#underway++
    try {
      const answer = await fetch(location, { ...how, redirect: 'error' })
      return { ok: answer.ok, body: new Uint8Array(await answer.arrayBuffer()) }
    } catch {
      // A line that broke, or nobody there: the station tells that it failed.
      return null
    } finally {
      this.#underway--
    }
  }
}

import 'reflect-metadata'
import { once } from 'node:events'
import * as x509 from '@peculiar/x509'
import { type ClientOptions, WebSocket } from 'ws'

const { crypto } = globalThis
x509.cryptoProvider.set(crypto)
const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** What a station of security profile 3 keeps: whom it trusts, and its key with the certificate for it. */
interface KeyStore {
  readonly roots: string[]
  key: string | null
  chain: string | null
  /** Waits for its certificate. */
  pending: string | null
}

/** A bare OCPP 1.6 station that manages certificates as a maker's firmware would: keys of its own, made when asked. */
export class SecureStation {
  readonly id: string
  readonly store: KeyStore = { roots: [], key: null, chain: null, pending: null }
  /** Connections that ended without its doing. */
  lost = 0
  #socket: WebSocket | null = null
  #ids = 0

  constructor(id: string) {
    this.id = id
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  /** Security profile 1. */
  connectPlain(address: string, secret: string): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${this.id}:${secret}`).toString('base64')}`
    return this.#connect(address, { headers: { authorization } })
  }

  /** Security profile 3. */
  connectSecure(address: string): Promise<void> {
    const { roots, key, chain } = this.store
    return this.#connect(address, { ca: [...roots], cert: chain ?? '', key: key ?? '' })
  }

  async disconnect(): Promise<void> {
    const socket = this.#socket
    this.#socket = null
    if (socket === null || socket.readyState === WebSocket.CLOSED) return
    const closed = once(socket, 'close')
    socket.close()
    await closed
  }

  async #connect(address: string, options: ClientOptions): Promise<void> {
    const socket = new WebSocket(`${address}/ocpp/${this.id}`, ['ocpp1.6'], options)
    socket.on('message', (data) => this.#heard(data.toString()))
    await once(socket, 'open')
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      if (this.#socket === socket) this.lost++
    })
    this.#socket = socket
    this.#call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })
    this.#call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })
  }

  #call(action: string, payload: object): void {
    this.#socket?.send(JSON.stringify([2, `${++this.#ids}`, action, payload]))
  }

  #heard(text: string): void {
    const [type, id, action, payload] = JSON.parse(text) as [number, string, string, Record<string, string>]
    if (type !== 2) return
    if (action === 'InstallCertificate') this.store.roots.push(payload.certificate ?? '')
    if (action === 'CertificateSigned') this.#take(payload.certificateChain ?? '')
    this.#socket?.send(JSON.stringify([3, id, { status: 'Accepted' }]))
    if (action === 'ExtendedTriggerMessage' && payload.requestedMessage === 'SignChargePointCertificate')
      void this.#askForCertificate()
  }

  #take(chain: string): void {
    Object.assign(this.store, { chain, key: this.store.pending, pending: null })
  }

  async #askForCertificate(): Promise<void> {
    const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
    const name = [{ O: ['Op'] }, { CN: [this.id] }]
    const csr = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: CURVE })
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
    this.store.pending = x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')
    this.#call('SignCertificate', { csr: csr.toString('pem') })
  }
}

import { Socket } from 'node:net'
import { messageOf } from '@busbar/model/depot-error.ts'
import modbus from 'modbus-serial'
import { failure, type ModbusFailure } from './modbus-result.ts'
import type { Block } from './plan-reads.ts'

/** Where a meter or gateway listens. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Registers of one unit. */
export interface UnitBlock extends Block {
  readonly unit: number
}

/**
 * One connection, used once: the only place that knows modbus-serial. The socket is ours, because the library neither
 * reports a reset nor settles what is pending when the connection ends. It has no deadlines: the bus keeps them.
 */
export class ModbusClient {
  readonly #endpoint: Endpoint
  readonly #modbus = new modbus.default()
  readonly #socket = new Socket()
  #state: 'new' | 'open' | 'gone' = 'new'
  #reason = 'connection closed by the other side'
  #interrupt: (failed: ModbusFailure) => void = () => undefined

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
  }

  get isOpen(): boolean {
    return this.#state === 'open' && this.#modbus.isOpen
  }

  /** Answers undefined when open. */
  connect(): Promise<ModbusFailure | undefined> {
    const { host, port } = this.#endpoint
    return new Promise((resolve) => {
      this.#interrupt = resolve
      this.#socket.on('error', (error) => {
        this.#reason = messageOf(error)
      })
      this.#socket.on('close', () => this.#end())
      this.#socket.once('connect', () => {
        this.#socket.setNoDelay(true)
        this.#modbus.connectTCP(host, { port, socket: this.#socket }, () => {
          this.#state = 'open'
          resolve(undefined)
        })
      })
      this.#socket.connect(port, host)
    })
  }

  /** Never rejects. One at a time: a second read before the first has settled would share its answer to a loss. */
  read(block: UnitBlock): Promise<readonly number[] | ModbusFailure> {
    if (!this.isOpen) return Promise.resolve(failure('closed', this.#reason))
    return new Promise((resolve) => {
      this.#interrupt = resolve
      const take = (error: unknown, result: { data: number[] } | undefined) =>
        resolve(error || !result ? translate(error) : complete(result.data, block))
      if (block.functionCode === 3) this.#modbus.writeFC3(block.unit, block.addr, block.count, take)
      else this.#modbus.writeFC4(block.unit, block.addr, block.count, take)
    })
  }

  /** Lets go of the socket at once and settles what is pending as `closed`. */
  destroy(reason: string): void {
    this.#reason = reason
    this.#modbus.destroy(() => undefined)
    this.#socket.destroy()
    this.#end()
  }

  #end(): void {
    this.#state = 'gone'
    this.#interrupt(failure('closed', this.#reason))
  }
}

const complete = (words: number[], block: UnitBlock): readonly number[] | ModbusFailure =>
  words.length === block.count
    ? words
    : failure('frame', `asked for ${block.count} registers, got ${words.length}`)

// Exceptions carry `modbusCode`; a port that is not open is no Error at all but has `errno`.
function translate(error: unknown): ModbusFailure {
  const { modbusCode, errno } = Object(error) as { modbusCode?: unknown; errno?: unknown }
  if (typeof modbusCode === 'number') return failure(`exception-${modbusCode}`, messageOf(error))
  if (errno === 'ECONNREFUSED') return failure('closed', 'connection is not open')
  return failure('frame', messageOf(error))
}

import { messageOf } from '@busbar/model/depot-error.ts'
import modbus from 'modbus-serial'
import type { Endpoint } from './endpoint.ts'
import { failure, type ModbusFailure } from './modbus-result.ts'
import type { Block } from './plan-reads.ts'
import { SerialWire, SocketWire, type Wire } from './wire.ts'

/** Registers of one unit. */
export interface UnitBlock extends Block {
  readonly unit: number
}

/**
 * One connection, used once. With `wire.ts` the only place that knows modbus-serial, which neither reports a reset nor
 * settles what is pending when the connection ends. It has no deadlines: the bus keeps them.
 */
export class ModbusClient {
  readonly #modbus = new modbus.default()
  readonly #wire: Wire
  #state: 'new' | 'open' | 'gone' = 'new'
  #reason = 'connection closed by the other side'
  #interrupt: (failed: ModbusFailure) => void = () => undefined
  #heardBytes = 0
  /** The first bytes since the request, to tell an echo. */
  #heard: number[] = []

  constructor(endpoint: Endpoint) {
    this.#wire =
      endpoint.kind === 'rtu'
        ? new SerialWire(this.#modbus, endpoint)
        : new SocketWire(this.#modbus, endpoint)
  }

  get isOpen(): boolean {
    return this.#state === 'open' && this.#modbus.isOpen
  }

  /** Bytes that came in so far, whoever sent them. */
  get heardBytes(): number {
    return this.#heardBytes
  }

  /** Answers undefined when open. */
  connect(): Promise<ModbusFailure | undefined> {
    return new Promise((resolve) => {
      this.#interrupt = resolve
      this.#wire.open({
        opened: () => {
          this.#state = 'open'
          resolve(undefined)
        },
        failed: (reason) => {
          this.#reason = reason
        },
        ended: () => this.#end(),
        heard: (bytes) => this.#listen(bytes),
      })
    })
  }

  /** Never rejects. One at a time: a second read before the first has settled would share its answer to a loss. */
  read(block: UnitBlock): Promise<readonly number[] | ModbusFailure> {
    if (!this.isOpen) return Promise.resolve(failure('closed', this.#reason))
    this.#heard = []
    return new Promise((resolve) => {
      this.#interrupt = resolve
      const take = (error: unknown, result: { data: number[] } | undefined) =>
        resolve(error || !result ? this.#translate(error, block) : complete(result.data, block))
      if (block.functionCode === 3) this.#modbus.writeFC3(block.unit, block.addr, block.count, take)
      else this.#modbus.writeFC4(block.unit, block.addr, block.count, take)
    })
  }

  /** Forgets every byte that came in; answers false when that can no longer be done. */
  forget(): Promise<boolean> {
    return this.#wire.forget()
  }

  /** Lets go of the line at once and settles what is pending as `closed`. */
  destroy(reason: string): void {
    this.#reason = reason
    this.#modbus.destroy(() => undefined)
    this.#wire.destroy()
    this.#end()
  }

  #listen(bytes: Buffer): void {
    this.#heardBytes += bytes.length
    if (this.#heard.length < REQUEST_HEAD) this.#heard.push(...bytes.subarray(0, REQUEST_HEAD))
  }

  #end(): void {
    this.#state = 'gone'
    this.#interrupt(failure('closed', this.#reason))
  }

  // Exceptions carry `modbusCode`; a port that is not open is no Error at all but has `errno`.
  #translate(error: unknown, block: UnitBlock): ModbusFailure {
    const { modbusCode, errno } = Object(error) as { modbusCode?: unknown; errno?: unknown }
    if (typeof modbusCode === 'number') return failure(`exception-${modbusCode}`, messageOf(error))
    if (errno === 'ECONNREFUSED') return failure('closed', 'connection is not open')
    const request = headOf(block)
    const echoed = request.every((byte, index) => this.#heard[index] === byte)
    return failure(
      'frame',
      echoed ? 'the adapter echoes our own request: switch its echo off' : messageOf(error),
    )
  }
}

/** Unit, function, address and count: what a request begins with on a serial line. */
const headOf = ({ unit, functionCode, addr, count }: UnitBlock): readonly number[] => [
  unit,
  functionCode,
  addr >> 8,
  addr & 0xff,
  count >> 8,
  count & 0xff,
]
const REQUEST_HEAD = 6

const complete = (words: number[], block: UnitBlock): readonly number[] | ModbusFailure =>
  words.length === block.count
    ? words
    : failure('frame', `asked for ${block.count} registers, got ${words.length}`)

import type { Clock } from '@busbar/model/clock.ts'
import { pointsOf } from '../../profiles/meter-profile.ts'
import { SimulatorClock } from '../clock.ts'
import { seededRandom } from '../random.ts'
import type { MeterFault } from './fault.ts'
import { FaultBoard, type InForce } from './fault-board.ts'
import { type LineCounters, MeterLine } from './meter-line.ts'
import { PtyServer } from './pty-server.ts'
import { rtuFraming } from './rtu-framing.ts'
import { SocketServer } from './socket-server.ts'
import { Strike } from './strike.ts'
import { tcpFraming } from './tcp-framing.ts'
import { type UnitPlan, VirtualUnit } from './virtual-unit.ts'

/** How a line is reached. Port 0 takes any free one; without a device a temporary one is made. */
export type LineEnd =
  | { readonly kind: 'tcp' | 'rtu-tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'rtu'; readonly device?: string }

export interface VirtualLineOptions {
  readonly end: LineEnd
  readonly units: readonly UnitPlan[]
  /** Real time when absent. */
  readonly clock?: Clock
  readonly seed?: number
  /** Bytes of a serial line take their time; none when absent. */
  readonly baud?: number
  readonly singleClient?: boolean
  readonly oneOutstanding?: boolean
}

export interface VirtualLine {
  /** 0 of a serial line. */
  readonly port: number
  /** Path of the serial port; empty of a network address. */
  readonly device: string
  readonly faults: FaultBoard
  counters(): LineCounters
  /** Connections whose last request has no answer yet, whether it will come or not. */
  owing(): number
  stop(): Promise<void>
}

/**
 * Starts a line with its meters.
 * @throws DepotError `simulator.meter-port`, `simulator.pty`
 */
export async function startVirtualLine(options: VirtualLineOptions): Promise<VirtualLine> {
  const {
    end,
    clock = new SimulatorClock(),
    seed = 1,
    baud,
    singleClient = false,
    oneOutstanding = false,
  } = options
  const random = seededRandom(seed)
  const units = new Map(options.units.map((plan) => [plan.unit, new VirtualUnit(plan, clock)]))
  const faults = new FaultBoard({
    ...{ clock, random: random.fork('rate') },
    refuses: (fault) => refusal(fault, options),
    began: (entry) => began(entry),
    ended: (entry) => ended(entry),
  })
  const line = new MeterLine({
    ...{ units, clock, faults, baud, singleClient, oneOutstanding },
    framing: end.kind === 'tcp' ? tcpFraming : rtuFraming,
    random: random.fork('delays'),
  })
  const server = end.kind === 'rtu' ? new PtyServer(line, end.device) : new SocketServer(line, end)
  const isClosed = () =>
    faults.inForce().some(({ fault: { kind } }) => kind === 'refuse' || kind === 'ptyGone')

  async function began(entry: InForce): Promise<void> {
    const { fault } = entry
    for (const [number, unit] of units)
      if (fault.unit === undefined || fault.unit === number) unit.began(entry, inForceFor(number))
    if (fault.kind === 'halfOpen') line.deafen()
    if (isClosed()) await server.close()
  }
  async function ended(entry: InForce): Promise<void> {
    for (const unit of units.values()) unit.ended(entry)
    if (!isClosed()) await server.open()
  }
  const inForceFor = (unit: number) =>
    new Strike(faults.inForce().filter(({ fault }) => fault.unit === undefined || fault.unit === unit))

  await server.open()
  return {
    get port() {
      return server instanceof SocketServer ? server.port : 0
    },
    get device() {
      return server instanceof PtyServer ? server.device : ''
    },
    faults,
    counters: () => line.counters,
    owing: () => line.owing,
    stop: async () => {
      line.stop()
      await (server instanceof PtyServer ? server.stop() : server.close())
    },
  }
}

const SERIAL_ONLY: readonly string[] = ['ptyGone']
const NETWORK_ONLY: readonly string[] = ['refuse', 'reset', 'fin', 'halfOpen']

/** Why a fault makes no sense here. */
function refusal(fault: MeterFault, { end, units }: VirtualLineOptions): string | undefined {
  if (end.kind === 'rtu' && NETWORK_ONLY.includes(fault.kind)) return 'a serial line has no connections'
  if (end.kind !== 'rtu' && SERIAL_ONLY.includes(fault.kind)) return 'the line has no serial port'
  if (end.kind === 'tcp' && fault.kind === 'crcError') return 'Modbus TCP has no checksum'
  const known = units.map(({ unit }) => unit)
  if (fault.unit !== undefined && !known.includes(fault.unit))
    return `no unit ${fault.unit} on this line; it has ${known.join(', ')}`
  const named = 'points' in fault ? (fault.points ?? []) : []
  const points = new Set<string>(units.flatMap(({ profile }) => pointsOf(profile).map(({ name }) => name)))
  const unknown = named.find((name) => !points.has(name))
  return unknown === undefined ? undefined : `no meter on this line has a point "${unknown}"`
}

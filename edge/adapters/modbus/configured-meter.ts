import { DepotError } from '@busbar/model/depot-error.ts'
import { as, type MeterId } from '@busbar/model/ids.ts'
import type { Phase } from '@busbar/units/per-phase.ts'
import { milliseconds } from '@busbar/units/time.ts'
import type { Endpoint, Parity, SerialEndpoint } from './endpoint.ts'
import type { MeterSource } from './meter-source.ts'

interface SocketWay {
  readonly host: string
  readonly port: number
  readonly unit: number
}

interface SerialWay {
  readonly device: string
  readonly baud?: number | undefined
  readonly parity?: Parity | undefined
  readonly stop_bits?: 1 | 2 | undefined
  readonly unit: number
}

/** A meter as the configuration describes it. */
export interface ConfiguredMeter {
  readonly id: string
  readonly role: string
  readonly poll_ms: number
  readonly invert: boolean
  readonly modbus_tcp?: SocketWay | undefined
  readonly modbus_rtu?: SerialWay | undefined
  readonly modbus_rtu_tcp?: SocketWay | undefined
  readonly override?:
    | {
        readonly address_offset?: number | undefined
        readonly word_order?: 'high-first' | 'low-first' | undefined
        readonly max_read?: number | undefined
        readonly ct_ratio?: number | undefined
        readonly vt_ratio?: number | undefined
        readonly frequency_scale?: number | undefined
        readonly model?: string | undefined
        readonly serial_number?: string | undefined
        readonly sunspec_instance?: number | undefined
        readonly phases?: readonly [Phase, Phase, Phase] | undefined
      }
    | undefined
}

/**
 * A meter of the configuration, ready to be read; undefined when it does not speak Modbus.
 * @throws DepotError `config.invalid` when neither the configuration nor the profile says how to set the line up, or
 * the profile does not know the model
 */
export function configuredMeter(
  meter: ConfiguredMeter,
  of: Pick<MeterSource, 'profile' | 'plausible' | 'deadline'>,
): MeterSource | undefined {
  const way = meter.modbus_tcp ?? meter.modbus_rtu ?? meter.modbus_rtu_tcp
  if (!way) return undefined
  const { override = {} } = meter
  const { model, serial_number: serial, sunspec_instance: sunspecInstance, phases } = override
  if (model !== undefined && !of.profile.models.includes(model))
    throw invalid(meter, `override.model: one of ${of.profile.models.join(', ')}`)
  return {
    ...of,
    id: as<MeterId>(meter.id),
    endpoint: endpointOf(meter, of),
    unit: way.unit,
    poll: milliseconds(meter.poll_ms),
    first: meter.role === 'grid',
    invert: meter.invert,
    override: overrideOf(override),
    ...(phases && { phaseMap: { l1: phases[0], l2: phases[1], l3: phases[2] } }),
    ...(model !== undefined && { model }),
    ...(serial !== undefined && { serial }),
    ...(sunspecInstance !== undefined && { sunspecInstance }),
  }
}

function overrideOf(
  override: NonNullable<ConfiguredMeter['override']>,
): NonNullable<MeterSource['override']> {
  const { address_offset, word_order, max_read, ct_ratio, vt_ratio, frequency_scale } = override
  return {
    ...(address_offset !== undefined && { addressOffset: address_offset }),
    ...(word_order && { wordOrder: word_order }),
    ...(max_read !== undefined && { maxRead: max_read }),
    ...(ct_ratio !== undefined && { ctRatio: ct_ratio }),
    ...(vt_ratio !== undefined && { vtRatio: vt_ratio }),
    ...(frequency_scale !== undefined && { scale: { f: frequency_scale } }),
  }
}

function endpointOf(meter: ConfiguredMeter, { profile }: Pick<MeterSource, 'profile'>): Endpoint {
  const { modbus_tcp: tcp, modbus_rtu_tcp: rtuTcp, modbus_rtu: rtu } = meter
  if (rtu) return serialOf(meter, rtu, profile.serial ?? {})
  const kind = tcp ? 'tcp' : 'rtu-tcp'
  const { host, port } = tcp ?? rtuTcp ?? { host: '', port: 0 }
  return { kind, host, port }
}

function serialOf(
  meter: ConfiguredMeter,
  rtu: SerialWay,
  factory: NonNullable<MeterSource['profile']['serial']>,
): SerialEndpoint {
  const baud = rtu.baud ?? factory.baud
  const parity = rtu.parity ?? factory.parity
  const stopBits = rtu.stop_bits ?? factory.stopBits
  if (baud === undefined) throw invalid(meter, 'modbus_rtu.baud, since its profile knows none')
  if (parity === undefined) throw invalid(meter, 'modbus_rtu.parity, since its profile knows none')
  if (stopBits === undefined) throw invalid(meter, 'modbus_rtu.stop_bits, since its profile knows none')
  return { kind: 'rtu', device: rtu.device, baud, parity, stopBits }
}

const invalid = ({ id }: ConfiguredMeter, expected: string): DepotError =>
  new DepotError('config.invalid', `meter ${id}: expected ${expected}`)

import type { MeterReadings } from '../../domain/ports/meter-readings.ts'
import { LanBroker, type LanBrokerOptions } from './lan-broker.ts'
import {
  createSensorMeters,
  type SensorActivity,
  type SensorMetersOptions,
  type SensorSource,
} from './sensor-packets.ts'

export type { SensorActivity, SensorSource }

export type StartLanBrokerOptions = Omit<LanBrokerOptions, 'onPacket' | 'onEvent'> & SensorMetersOptions

/** The LAN broker with the meters that report through it. */
export interface RunningLanBroker {
  readonly address: string
  activity(): SensorActivity
  stop(): Promise<void>
}

/**
 * Opens the broker and hands each packet to its meter.
 * @throws DepotError `broker.listen`
 */
export async function startLanBroker(
  options: StartLanBrokerOptions,
  deliver: Parameters<MeterReadings['start']>[0],
): Promise<RunningLanBroker> {
  const meters = createSensorMeters(options)
  const broker = new LanBroker({
    ...options,
    onPacket: (device, payload) => meters.take(device, payload),
    onEvent: ({ kind, device, detail }) => {
      const fields = { 'event.name': `broker.${kind}`, device, detail }
      if (kind === 'denied' || kind === 'failed') options.log.warn(fields, `LAN broker: ${kind}`)
      else options.log.info(fields, `LAN broker: ${kind}`)
    },
  })
  await meters.start(deliver)
  try {
    await broker.start()
  } catch (error) {
    await meters.stop()
    throw error
  }
  return {
    address: broker.address,
    activity: () => meters.activity(),
    stop: async () => {
      await broker.stop()
      await meters.stop()
    },
  }
}

import { readFile } from 'node:fs/promises'
import { as, type MeterId } from '@busbar/model/ids.ts'
import { milliseconds } from '@busbar/units/time.ts'
import {
  type RunningLanBroker,
  type SensorSource,
  startLanBroker,
} from '../adapters/broker/start-lan-broker.ts'
import { implausible } from '../adapters/modbus/implausible.ts'
import { plausibleAt, submitter } from './meters.ts'
import type { Parts } from './parts.ts'

/** Real time in which a device must have signed in at the broker. */
const BROKER_SIGN_IN_MS = 5000

/** Below this share of the rating the sign of power is noise. */
const NO_LOAD = 0.01

export async function startBroker({
  loaded,
  clock,
  log,
  control,
  scale,
}: Parts & { scale: number }): Promise<RunningLanBroker | null> {
  const { broker, depot, meters } = loaded.config
  if (broker === undefined) return null
  const [key, cert] = await Promise.all(
    [broker.tls?.key_file, broker.tls?.cert_file].map((file) =>
      file === undefined ? null : readFile(file, 'utf8'),
    ),
  )
  const devices = broker.devices.map(async ({ id, secret, read }) => {
    const { sha256 } = await loaded.secret(secret)
    return { id, secrets: [Buffer.from(sha256, 'hex')], reads: read }
  })
  const sources = meters.flatMap((meter): SensorSource[] => {
    if (meter.mqtt === undefined) return []
    const plausible = plausibleAt(loaded, meter.circuit)
    return [
      {
        meter: as<MeterId>(meter.id),
        source: meter.mqtt.source,
        period: milliseconds(meter.poll_ms),
        noLoadW: NO_LOAD * plausible.nominalV * plausible.maxA,
        invert: meter.invert,
        implausible: (values) => implausible(values, plausible),
      },
    ]
  })
  return startLanBroker(
    {
      listen: broker.listen,
      tls: key != null && cert != null ? { key, cert } : null,
      depot: depot.id,
      devices: await Promise.all(devices),
      sources,
      signIn: milliseconds(BROKER_SIGN_IN_MS * scale),
      clock,
      log,
    },
    submitter(control),
  )
}

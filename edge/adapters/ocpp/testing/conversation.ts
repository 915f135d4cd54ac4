import type { Clock } from '@busbar/model/clock.ts'
import schemas from '@busbar/ocpp-schemas/ocpp1.6.json' with { type: 'json' }
import schemas201 from '@busbar/ocpp-schemas/ocpp2.0.1.json' with { type: 'json' }
import { createValidator } from 'ocpp-rpc'
import type { Input } from '../../../domain/inputs.ts'
import { type DepotDouble, startDepot } from './depot-double.ts'
import { connect, type RawStation } from './raw-station.ts'

const validators = {
  'ocpp1.6': createValidator('ocpp1.6', schemas),
  'ocpp2.0.1': createValidator('ocpp2.0.1', schemas201),
}

/** One station at one depot that records. */
export interface Conversation {
  readonly depot: DepotDouble
  readonly client: RawStation
  /** Sends a call; gives its answer, whether that is valid by the schema, and the input it became. */
  tell(action: string, payload: unknown): Promise<Told>
  /** Forgets what was said so far. */
  forget(): void
  warnings(): string[]
}
export interface Told {
  readonly answer: unknown
  readonly valid: unknown
  readonly input: Input | undefined
}

export async function converse(
  clock: Clock,
  protocol: keyof typeof validators = 'ocpp1.6',
): Promise<Conversation> {
  const depot = await startDepot({ clock })
  const client = await connect(`${depot.url}/CP1`, { protocols: [protocol] })
  return {
    depot,
    client,
    async tell(action, payload) {
      const [type, , answer] = await client.call(action, payload)
      const valid = type === 3 && (await validators[protocol].validate(`urn:${action}.conf`, answer))
      return { answer, valid, input: depot.inputs[0] }
    },
    forget() {
      depot.onInput = null
      depot.inputs.splice(0)
      depot.lines.splice(0)
    },
    warnings: () => depot.lines.filter((line) => line.startsWith('warn')),
  }
}

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Cloud, startCloud } from '@busbar/cloud-core/main.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { pino } from 'pino'

export const PASSWORD = 'scenario-depot-password-0123456789abcdef'

/** A fact as the cloud holds it. */
export interface CloudFact {
  readonly seq: number
  readonly type: string
  readonly record: string | null
}

/** The real fleet cloud with its real database, which can go away and come back on the same port and data. */
export class FleetCloud {
  readonly #options: { folder: string; mqttPort: number; clock: Clock }
  #cloud: Cloud | null = null

  constructor(options: { folder: string; mqttPort: number; clock: Clock }) {
    this.#options = options
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#options.mqttPort}`
  }

  async start(): Promise<void> {
    const { folder, mqttPort, clock } = this.#options
    this.#cloud = await startCloud({
      config: {
        fleet: { name: 'Scenario fleet' },
        data_folder: join(folder, 'cloud'),
        http: { host: '127.0.0.1', port: 0 },
        mqtt: { host: '127.0.0.1', port: mqttPort },
        database: { kind: 'embedded' },
        depots: [
          {
            id: 'scenario',
            name: 'Scenario depot',
            credentials: [{ sha256: createHash('sha256').update(PASSWORD).digest('hex') }],
          },
        ],
      },
      clock,
      log: pino({ level: 'silent' }),
    })
  }

  async stop(): Promise<void> {
    await this.#cloud?.stop()
    this.#cloud = null
  }

  /** Every fact the cloud has committed, in order. */
  async facts(): Promise<readonly CloudFact[]> {
    const all: CloudFact[] = []
    for (let after: number | null = 0; after !== null; ) {
      const page: { facts: CloudFact[]; next_after: number | null } = await this.#get(
        `/api/v1/depots/scenario/facts?after=${after}&limit=1000`,
      )
      all.push(...page.facts)
      after = page.next_after
    }
    return all
  }

  /** Highest fact number committed. */
  async committed(): Promise<number> {
    const depot = await this.#get<{ facts: { committed: number } }>('/api/v1/depots/scenario')
    return depot.facts.committed
  }

  async #get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.#cloud?.httpAddress}${path}`)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
}

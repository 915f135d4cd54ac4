import { parentPort } from 'node:worker_threads'

/** A planner's worker that takes programs and never answers. */
parentPort?.on('message', () => undefined)

import { parentPort } from 'node:worker_threads'

/** A planner's worker that dies of its first program. */
parentPort?.on('message', () => process.exit(1))

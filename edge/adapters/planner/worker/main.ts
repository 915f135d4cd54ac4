import { parentPort } from 'node:worker_threads'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { SolveRequest, SolveResult } from '../messages.ts'
import { loadSolver } from './solver.ts'

if (parentPort === null) throw new DepotError('planner.worker', 'the planner runs in a worker only')
const port = parentPort
const solver = await loadSolver()

port.on('message', ({ id, program, limitS }: SolveRequest) => {
  const result: SolveResult = { id, answer: solver(program, limitS) }
  port.postMessage(result)
})

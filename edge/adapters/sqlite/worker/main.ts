import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { DepotError } from '@busbar/model/depot-error.ts'
import { PROJECTIONS } from '../../../domain/projections.ts'
import type { Append, FromWorker, Request, ToWorker, WorkerOptions } from '../messages.ts'
import { storeError } from './database.ts'
import { commitGroup } from './group-commit.ts'
import { requestsTo } from './requests.ts'
import { Store } from './store.ts'

if (parentPort === null) throw new DepotError('store.failed', 'the store runs in a worker only')
const port = parentPort
const options = workerData as WorkerOptions
const say = (message: FromWorker) => port.postMessage(message)
const report = (message: string) => say({ kind: 'problem', message })

try {
  const definitions = options.projectionsModule
    ? (await import(options.projectionsModule)).PROJECTIONS
    : PROJECTIONS
  const store = new Store(options, { definitions, report })
  const opened = store.opened()
  port.on('message', listener(store))
  say({ kind: 'opened', opened })
} catch (thrown) {
  const { code, message } = storeError(thrown)
  say({ kind: 'refused', code, message })
}

function listener(store: Store): (message: ToWorker) => void {
  const answerOf = requestsTo(store)
  const answer = (request: Request) => {
    try {
      say({ kind: 'answer', id: request.id, value: answerOf(request) })
    } catch (thrown) {
      const { code, message } = storeError(thrown)
      say({ kind: 'error', id: request.id, code, message })
    }
    if (request.name === 'close') port.close()
  }
  return (message) => {
    const requests: Request[] = []
    const nextAppend = (): Append | undefined => {
      for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) {
        const waiting = got.message as ToWorker
        if (waiting.kind === 'append') return waiting
        requests.push(waiting)
      }
      return undefined
    }
    if (message.kind === 'append') say(commitGroup(store, message, nextAppend))
    else requests.push(message)
    for (const request of requests) answer(request)
  }
}

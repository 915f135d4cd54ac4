import type { RequestName, RequestOf, Requests } from '../messages.ts'
import type { Store } from './store.ts'

type Handlers = { readonly [N in RequestName]: (params: Requests[N]['params']) => Requests[N]['answer'] }

/** Answers whatever is asked of the store beside appends. */
export function requestsTo(
  store: Store,
): <N extends RequestName>(request: RequestOf<N>) => Requests[N]['answer'] {
  const handlers: Handlers = {
    read: ({ after, limit }) => store.log.read(after, limit),
    head: () => store.log.head(),
    hashAt: ({ seq }) => store.log.hashAt(seq),
    acknowledge: ({ seq }) => {
      store.log.acknowledge(seq)
      return null
    },
    load: ({ name }) => store.load(name),
    rebuild: () => {
      store.rebuild()
      return null
    },
    transactions: ({ from, to, limit }) => store.transactions.within(from, to, limit),
    samples: ({ source, ...window }) => store.samples.within(source, window),
    seriesSources: () => store.samples.reader.list(),
    seriesBuckets: (query) => store.samples.reader.buckets(query),
    seriesSamples: (query) => store.samples.reader.samples(query),
    seriesUse: () => store.samples.use(),
    addMessages: ({ messages }) => {
      store.messages.add(messages)
      return null
    },
    findMessages: (query) => store.messages.find(query),
    addDecisions: ({ entries }) => {
      store.decisions.add(entries)
      return null
    },
    findDecisions: (window) => store.decisions.decisions(window),
    decisionRecord: ({ id }) => store.decisions.record(id),
    findReasons: (query) => store.decisions.reasons(query),
    decisionUse: () => store.decisions.use(),
    messageUse: () => store.messages.use(),
    trim: ({ before, standAlone }) => store.trim(before, standAlone),
    close: () => {
      store.close()
      return null
    },
  }
  return (request) => handlers[request.name](request.params)
}

import { DepotProcess } from '/work/main/edge/scenarios/bench/depot-process.ts'
import { Yard } from '/work/main/edge/scenarios/bench/yard.ts'
const n = Number(process.argv[2] ?? 200)
const yard = await Yard.start(2 * n)
const t0 = performance.now()
const depot = await DepotProcess.start(n, yard.meter.port)
console.log('started', performance.now() - t0)
yard.open(n, depot.ocppUrl)
for (let i = 0; i < 60; i++) {
  await new Promise((d) => setTimeout(d, 1500))
  const s = await depot.site()
  const off = yard.offeredA
  console.log(((performance.now() - t0) / 1000).toFixed(1), 'import', s.power.import_w, 'limit', s.power.limit_w, 'held', s.power.held_w, 'charging', s.stations.charging, 'online', s.stations.online, 'startup', s.startup.filter(x => !x.done).map(x => x.reason).join(), 'offered', off.filter(x => x !== null).length, Math.min(...off.map(x => x ?? 0)), Math.max(...off.map(x => x ?? 0)), 'held n', s.evses.filter(e => e.held_w).length, 'pend', s.evses.filter(e => e.pending_w !== null).length, 'quiet', yard.quietMs.toFixed(0), s.evses[0]?.reason)
}
await yard.stop(); await depot.stop()

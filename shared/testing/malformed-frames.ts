/** A number from 0 up to before 1; from a seed, so that a failure replays. */
export type Draw = () => number

/** Mulberry32. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const pick = <T>(draw: Draw, of: readonly T[]): T => of[Math.floor(draw() * of.length)] as T
const upTo = (draw: Draw, n: number): number => Math.floor(draw() * n)

const ACTIONS = [
  ...['BootNotification', 'Heartbeat', 'StatusNotification', 'Authorize', 'StartTransaction', 'MeterValues'],
  ...[
    'StopTransaction',
    'DataTransfer',
    'SecurityEventNotification',
    'SignCertificate',
    'LogStatusNotification',
  ],
  ...[
    'FirmwareStatusNotification',
    'DiagnosticsStatusNotification',
    'NoSuchAction',
    '',
    '__proto__',
    'constructor',
  ],
]
const MEMBERS = [
  ...[
    'connectorId',
    'idTag',
    'meterStart',
    'meterStop',
    'timestamp',
    'transactionId',
    'meterValue',
    'status',
  ],
  ...['errorCode', 'reason', 'sampledValue', 'value', 'transactionData', 'vendorId', 'data', 'csr', 'type'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', '\u0000', 'ключ'],
]
const ODD: readonly unknown[] = [
  ...[null, true, 0, -1, -0, 1e308, -1e-308, 2 ** 53, '', ' ', 'x'.repeat(300), '\u0000\u001b[2J'],
  ...[
    '<script>',
    "'; DROP TABLE fact; --",
    '\ud800',
    '1970-01-01T00:00:00Z',
    '2999-13-45',
    'NaN',
    '../../etc',
    [],
    {},
  ],
]

/** Any JSON value, some levels deep, of members that stations use and of such that nobody should. */
function odd(draw: Draw, depth: number): unknown {
  const kind = depth === 0 ? 0 : upTo(draw, 4)
  if (kind < 2) return pick(draw, ODD)
  if (kind === 2) return Array.from({ length: upTo(draw, 4) }, () => odd(draw, depth - 1))
  const members = Array.from(
    { length: upTo(draw, 6) },
    () => [pick(draw, MEMBERS), odd(draw, depth - 1)] as const,
  )
  // Object.fromEntries would set a prototype where JSON text names one.
  return new Map(members)
}

const textOf = (value: unknown): string =>
  value instanceof Map
    ? `{${[...value].map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`).join(',')}}`
    : Array.isArray(value)
      ? `[${value.map(textOf).join(',')}]`
      : (JSON.stringify(value) ?? 'null')

const SHAPES: readonly ((draw: Draw) => string)[] = [
  // a call whose payload is anything
  (draw) => `[2,"f${upTo(draw, 1e6)}",${JSON.stringify(pick(draw, ACTIONS))},${textOf(odd(draw, 4))}]`,
  // the same id again and again
  (draw) => `[2,"same",${JSON.stringify(pick(draw, ACTIONS))},${textOf(odd(draw, 2))}]`,
  // an answer that nobody waits for, or an error
  (draw) => `[${pick(draw, [3, 4, 5, 6, -2, 99])},${textOf(odd(draw, 1))},${textOf(odd(draw, 3))}]`,
  // no frame at all
  (draw) => textOf(odd(draw, 5)),
  (draw) => String.fromCharCode(...Array.from({ length: upTo(draw, 200) }, () => upTo(draw, 65_536))),
  (draw) => '['.repeat(upTo(draw, 5000)),
  (draw) => `[2,${upTo(draw, 1e9)},"MeterValues",{"meterValue":${'['.repeat(upTo(draw, 500))}`,
]

/** A message that no sound station would send. Most are close to ones that it would. */
export function malformed(draw: Draw): string {
  const text = pick(draw, SHAPES)(draw)
  const cut = draw()
  if (cut < 0.15) return text.slice(0, upTo(draw, text.length + 1))
  if (cut > 0.9)
    return `${text.slice(0, upTo(draw, text.length))}${pick(draw, ['\u0000', '\uFEFF', ',', '"', ']'])}`
  return text
}

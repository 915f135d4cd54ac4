import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { isMap, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import type { ZodError } from 'zod'
import { CloudConfig } from './cloud-config.ts'

/**
 * Reads and checks a configuration file; every fault is told with file, line and what was expected.
 * @throws DepotError `config.unreadable`, `config.invalid`
 */
export async function readConfig(file: string): Promise<CloudConfig> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new DepotError('config.unreadable', `${file}: ${messageOf(cause)}`, { cause })
  })
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const fault = document.errors[0]
  if (fault)
    throw new DepotError('config.invalid', `${file}:${lines.linePos(fault.pos[0]).line}: ${fault.message}`)
  const config = CloudConfig.safeParse(document.toJS())
  if (!config.success)
    throw new DepotError('config.invalid', explain(config.error, { file, lines, root: document.contents }))
  checkTogether(file, config.data)
  return absolutePaths(config.data, dirname(resolve(file)))
}

/**
 * The same checks for a configuration that comes as an object; relative paths count from `folder`.
 * @throws DepotError `config.invalid`
 */
export function checkConfig(config: unknown, folder: string): CloudConfig {
  const checked = CloudConfig.safeParse(config)
  if (!checked.success)
    throw new DepotError(
      'config.invalid',
      explain(checked.error, { file: 'config', lines: new LineCounter(), root: null }),
    )
  checkTogether('config', checked.data)
  return absolutePaths(checked.data, folder)
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])
export const isLoopback = (host: string): boolean => LOOPBACK.has(host)

/** Rules between several settings. */
function checkTogether(file: string, { depots, mqtt, http }: CloudConfig): void {
  const twice = depots.find((depot, index) => depots.findIndex((other) => other.id === depot.id) !== index)
  if (twice)
    throw new DepotError('config.invalid', `${file}: depots: id "${twice.id}" stands twice, expected once`)
  if (!isLoopback(mqtt.host) && !mqtt.tls)
    throw new DepotError(
      'config.invalid',
      `${file}: mqtt.tls: expected key and cert, because ${mqtt.host} is not loopback`,
    )
  if (!isLoopback(http.host) && http.tokens.length === 0)
    throw new DepotError(
      'config.invalid',
      `${file}: http.tokens: expected at least one, because ${http.host} is not loopback`,
    )
}

interface Source {
  readonly file: string
  readonly lines: LineCounter
  readonly root: Node | null
}

function explain(error: ZodError, source: Source): string {
  return error.issues
    .map(({ path, message }) => {
      const line = lineOf(path, source)
      return `${source.file}${line === null ? '' : `:${line}`}: ${path.join('.') || 'file'}: ${message}`
    })
    .join('\n')
}

/** Line of the deepest part of a path that stands in the file. */
function lineOf(path: readonly PropertyKey[], { root, lines }: Source): number | null {
  let node: Node | null = root
  let at: number | undefined = root?.range?.[0]
  for (const key of path) {
    const next: { node: Node | null; at: number | undefined } = step(node, key)
    if (next.at === undefined) break
    node = next.node
    at = next.at
  }
  return at === undefined ? null : lines.linePos(at).line
}

function step(node: Node | null, key: PropertyKey): { node: Node | null; at: number | undefined } {
  if (isMap<Node, Node | null>(node)) return stepMap(node, key)
  if (isSeq<Node>(node)) {
    const item = node.items[Number(key)] ?? null
    return { node: item, at: item?.range?.[0] }
  }
  return { node: null, at: undefined }
}

function stepMap(
  map: YAMLMap<Node, Node | null>,
  key: PropertyKey,
): { node: Node | null; at: number | undefined } {
  const pair = map.items.find((item) => String(item.key) === String(key))
  return { node: pair?.value ?? null, at: pair?.key.range?.[0] }
}

function absolutePaths(config: CloudConfig, folder: string): CloudConfig {
  const at = (path: string) => resolve(folder, path)
  const { tls, ...mqtt } = config.mqtt
  return {
    ...config,
    data_folder: at(config.data_folder),
    mqtt: tls ? { ...mqtt, tls: { key: at(tls.key), cert: at(tls.cert) } } : mqtt,
    depots: config.depots.map((depot) => ({
      ...depot,
      credentials: depot.credentials.map((c) =>
        'password_file' in c ? { password_file: at(c.password_file) } : c,
      ),
    })),
  }
}

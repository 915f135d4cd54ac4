import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'

/** Where the demo's parts listen. */
export interface DemoPorts {
  readonly depot: number
  readonly fleet: number
  readonly mqtt: number
  readonly ocpp: number
  readonly meter: number
}

/** The ports that the files beside this one name. */
export const USUAL_PORTS: DemoPorts = { depot: 8080, fleet: 8090, mqtt: 8884, ocpp: 9000, meter: 1502 }

/** Five ports in a row, for a demo beside another one. */
export const portsFrom = (first: number): DemoPorts => ({
  depot: first,
  fleet: first + 1,
  mqtt: first + 2,
  ocpp: first + 3,
  meter: first + 4,
})

type Path = readonly (string | number)[]

/** Writes the demo's three configuration files with these ports and this data folder; answers their paths. */
export async function writeDemoFiles(
  folder: string,
  ports: DemoPorts,
): Promise<{ depot: string; cloud: string; simulation: string }> {
  await mkdir(folder, { recursive: true })
  const write = async (name: string, changes: readonly (readonly [Path, unknown])[]) => {
    const document = parseDocument(await readFile(join(import.meta.dirname, name), 'utf8'))
    for (const [path, value] of changes) document.setIn(path, value)
    const file = join(folder, name)
    await writeFile(file, String(document))
    return file
  }
  return {
    depot: await write('depot.yaml', [
      [['data_folder'], join(folder, 'edge')],
      [['ocpp', 'listen', 'port'], ports.ocpp],
      [['lan_http', 'listen', 'port'], ports.depot],
      [['cloud', 'url'], `mqtt://127.0.0.1:${ports.mqtt}`],
      [['meters', 0, 'modbus_tcp', 'port'], ports.meter],
    ]),
    cloud: await write('cloud.yaml', [
      [['data_folder'], join(folder, 'cloud')],
      [['http', 'port'], ports.fleet],
      [['mqtt', 'port'], ports.mqtt],
    ]),
    simulation: await write('simulation.yaml', [
      [['edge', 'ocpp_url'], `ws://127.0.0.1:${ports.ocpp}/ocpp`],
      [['edge', 'api_url'], `http://127.0.0.1:${ports.depot}`],
      [['meter', 'profiles'], join(import.meta.dirname, '../../firmware-profiles/meters')],
      [['meter', 'port'], ports.meter],
    ]),
  }
}

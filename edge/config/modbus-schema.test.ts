import { expect, test } from 'vitest'
import { meter } from './meter-schema.ts'

const base = { id: 'm', name: 'Meter', role: 'feeder', circuit: 'grid', profile: 'eastron-sdm630' }
const socket = { host: '192.0.2.7', port: 4001, unit: 3 }
const serial = { device: '/dev/serial/by-id/usb-FTDI_RS485-if00-port0', unit: 3 }
const faultsOf = (more: object): string[] => {
  const parsed = meter.safeParse({ ...base, ...more })
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

test.each([
  ['Modbus TCP', { modbus_tcp: socket }],
  ['a serial port set up as its profile says', { modbus_rtu: serial }],
  ['a serial port set up by hand', { modbus_rtu: { ...serial, baud: 9600, parity: 'even', stop_bits: 1 } }],
  ['a serial port of the board', { modbus_rtu: { ...serial, device: '/dev/ttyS1' } }],
  ['a converter for serial frames', { modbus_rtu_tcp: socket }],
  [
    'what the site knows better',
    {
      modbus_tcp: socket,
      override: {
        address_offset: 1,
        word_order: 'low-first',
        ct_ratio: 40,
        phases: ['l2', 'l3', 'l1'],
        model: 'SDM72DM-V2',
      },
    },
  ],
])('%s', (_, more) => expect(faultsOf(more)).toEqual([]))

test.each<[string, object, string]>([
  ['two ways', { modbus_tcp: socket, modbus_rtu: serial }, 'found modbus_tcp, modbus_rtu'],
  ['no way', {}, 'exactly one of modbus_tcp, modbus_rtu, modbus_rtu_tcp, mqtt, virtual; found none'],
  ['a broadcast as unit', { modbus_rtu: { ...serial, unit: 0 } }, 'modbus_rtu.unit: '],
  ['a port number that changes', { modbus_rtu: { ...serial, device: '/dev/ttyUSB0' } }, '/dev/serial/by-id'],
  [
    'a port without its path',
    { modbus_rtu: { ...serial, device: 'COM3' } },
    'modbus_rtu.device: an absolute path',
  ],
  ['a parity that is none', { modbus_rtu: { ...serial, parity: 'mark' } }, 'modbus_rtu.parity: '],
  [
    'a phase named twice',
    { modbus_tcp: socket, override: { phases: ['l1', 'l1', 'l3'] } },
    'override.phases: each conductor once',
  ],
  ['a ratio of 0', { modbus_tcp: socket, override: { ct_ratio: 0 } }, 'override.ct_ratio: '],
  [
    'an override without Modbus',
    { profile: undefined, mqtt: { source: 'device' }, override: { ct_ratio: 2 } },
    'no override',
  ],
  ['no profile', { modbus_rtu: serial, profile: undefined }, 'a profile'],
])('%s is refused', (_, more, fault) => {
  expect(faultsOf(more).join('\n')).toContain(fault)
})

import { SENSOR_VERSION } from './version.ts'

/** Form of a source id, which is also its MQTT client id and user name. */
export const SOURCE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/

const prefix = `sensors/${SENSOR_VERSION}`

/** Where a source publishes its packets; never retained. */
export const sensorTopic = (source: string): string => `${prefix}/${source}`

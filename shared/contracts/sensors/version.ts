/** Major version of the sensor packet; it stands in every topic and packet. Raised with a breaking change, noted in history.md. */
export const SENSOR_VERSION = 1

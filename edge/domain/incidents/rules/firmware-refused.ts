import type { Rule } from '../rule.ts'

/** Somebody brought, or changed, an image that is not what it is said to be. */
export const firmwareRefused: Rule = ({ refusedImages = [] }) =>
  refusedImages.map(({ image, reason }) => ({
    code: 'firmware.refused',
    severity: 2,
    subject: { type: 'firmware-image', id: image },
    text: `Firmware image ${image} was refused: ${reason}`,
    action: 'Get it from its maker anew and compare its hash; find out who brought it.',
  }))
